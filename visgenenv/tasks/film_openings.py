"""How video tasks of the further types are opened: subject, number and list; look and consistency are said by clauses.

Slots as in `tasks.templates`: {s} the subject, {a_s} the subject with its article, {n} a number, {list} what each shows.
"""

from __future__ import annotations

from visgenenv.tasks.templates import Wordings

FILM_OPENINGS: Wordings = {
    "corporate_promotion_videos": (
        (
            "Corporate film about {a_s}, {n} shots: {list}",
            "Present {a_s} to investors in {n} shots: {list}",
            "A company portrait of {a_s}: {list}; {n} shots",
            "Promote {a_s} with a {n}-shot corporate video ({list})",
            "Image film of {a_s}, {n} scenes: {list}",
        ),
        (
            "{s}企业宣传片，{n}个镜头：{list}",
            "给{s}拍形象片，{list}，共{n}个镜头",
            "向投资人介绍{s}，{n}个镜头：{list}",
            "{n}镜头企业片，主角{s}：{list}",
            "做一部{s}的宣传片：{list}，{n}个镜头",
        ),
    ),
    "instructional_videos": (
        (
            "How to look after {a_s}, {n} steps on video: {list}",
            "Tutorial on {a_s} in {n} shots: {list}",
            "Teach people to handle {a_s}: {list}; {n} shots",
            "Instruction video, {a_s}, {n} steps ({list})",
            "Show step by step, with {a_s}: {list}, {n} shots",
        ),
        (
            "{s}使用教学，{n}步：{list}",
            "教大家用{s}，{n}个镜头：{list}",
            "{s}教程视频，{list}，共{n}个镜头",
            "一步步演示{s}：{list}，{n}步",
            "拍一条{s}说明视频，{n}个镜头：{list}",
        ),
    ),
    "popular_science_documentaries": (
        (
            "Documentary on {s}, {n} shots: {list}",
            "Explain {s} to everybody in {n} shots: {list}",
            "Popular science film, subject {s}: {list}; {n} shots",
            "A short documentary about {s} ({list}), {n} shots",
            "What is behind {s}? Tell it in {n} shots: {list}",
        ),
        (
            "{s}科普纪录片，{n}个镜头：{list}",
            "用{n}个镜头讲明白{s}：{list}",
            "科普短片，主题{s}，{list}，共{n}个镜头",
            "拍一部关于{s}的纪录片：{list}，{n}个镜头",
            "{n}镜头科学影片，{s}：{list}",
        ),
    ),
    "concert_recordings": (
        (
            "Concert of {a_s}, {n} shots: {list}",
            "Record {a_s} live on stage in {n} shots: {list}",
            "Live show, star {a_s}: {list}; {n} shots",
            "A concert film with {a_s} ({list}), {n} shots",
            "Film the gig of {a_s}: {n} shots, {list}",
        ),
        (
            "{s}演唱会，{n}个镜头：{list}",
            "现场录制{s}的演出，{list}，共{n}个镜头",
            "演唱会录像，主唱{s}：{list}，{n}个镜头",
            "拍{s}的现场，{n}个镜头：{list}",
            "{n}镜头音乐会，{s}登场：{list}",
        ),
    ),
    "variety_shows": (
        (
            "Variety show hosted by {a_s}, {n} parts: {list}",
            "{n} shots of a TV show with {a_s}: {list}",
            "An evening show, host {a_s}: {list}; {n} shots",
            "Make a game show episode with {a_s} ({list}), {n} shots",
            "Entertainment show, {a_s} leads through {n} segments: {list}",
        ),
        (
            "{s}主持的综艺，{n}个环节：{list}",
            "综艺节目，主持人{s}，{list}，共{n}个镜头",
            "拍一期{s}的综艺：{list}，{n}个镜头",
            "{n}镜头娱乐节目，{s}带队：{list}",
            "{s}带大家玩{n}个环节：{list}",
        ),
    ),
    "video_podcasts": (
        (
            "Video podcast on {s}, {n} shots: {list}",
            "Two people talk about {s}, filmed in {n} shots: {list}",
            "Podcast episode about {s}: {list}; {n} shots",
            "A filmed talk, topic {s} ({list}), {n} shots",
            "Record a video podcast about {s} with {n} shots: {list}",
        ),
        (
            "视频播客，话题{s}，{n}个镜头：{list}",
            "聊{s}的播客，{list}，共{n}个镜头",
            "拍一期讲{s}的视频播客：{list}，{n}个镜头",
            "两个人谈{s}，{n}个镜头：{list}",
            "{n}镜头对谈节目，主题{s}：{list}",
        ),
    ),
    "picture_book_videos": (
        (
            "Picture book video of {a_s}, {n} pages: {list}",
            "Turn a children's book about {a_s} into video, {n} pages: {list}",
            "Moving picture book, hero {a_s}: {list}; {n} shots",
            "Read aloud a book on {a_s} with {n} moving pages: {list}",
            "Bedtime video: {a_s}, {n} pages ({list})",
        ),
        (
            "{s}绘本视频，{n}页：{list}",
            "把{s}的绘本做成视频，{list}，共{n}页",
            "会动的图画书，主角{s}：{list}，{n}个镜头",
            "睡前绘本视频，{s}，{n}页：{list}",
            "{n}个画面的绘本动画，{s}依次{list}",
        ),
    ),
    "dynamic_comics": (
        (
            "Motion comic with {a_s}, {n} panels: {list}",
            "Animate a comic about {a_s}: {list}; {n} panels",
            "{n} moving comic panels, hero {a_s}: {list}",
            "Dynamic comic strip of {a_s} ({list}), {n} shots",
            "A comic that moves: {a_s}, {n} panels, {list}",
        ),
        (
            "{s}动态漫画，{n}格：{list}",
            "让{s}的漫画动起来，{list}，共{n}格",
            "{n}个会动的漫画格，主角{s}：{list}",
            "动态漫，{s}，{n}个镜头：{list}",
            "做一段{s}动态漫画：{list}，{n}格",
        ),
    ),
    "animated_short_films": (
        (
            "Animated short about {a_s}, {n} shots: {list}",
            "A little cartoon with {a_s}: {list}; {n} shots",
            "Short animation, hero {a_s}, {n} shots: {list}",
            "Animate {a_s} in {n} shots: {list}",
            "Make an animated short of {n} shots ({list}) with {a_s}",
        ),
        (
            "{s}动画短片，{n}个镜头：{list}",
            "做一部{s}的小动画，{list}，共{n}个镜头",
            "动画短片，主角{s}：{list}，{n}个镜头",
            "{n}镜头动画，{s}依次{list}",
            "让{s}演一段动画，{n}个镜头：{list}",
        ),
    ),
    "animated_movies": (
        (
            "Animated movie with {a_s}, {n} scenes: {list}",
            "A cartoon feature about {a_s} in {n} scenes: {list}",
            "Animation film, hero {a_s}: {list}; {n} scenes",
            "Tell an animated epic of {a_s} ({list}), {n} scenes",
            "{n} scenes of an animated film about {a_s}: {list}",
        ),
        (
            "{s}动画电影，{n}场戏：{list}",
            "做一部讲{s}的动画片，{list}，共{n}个镜头",
            "动画长片，主角{s}：{list}，{n}个镜头",
            "{n}个场面的动画电影，{s}：{list}",
            "把{s}的冒险做成动画电影：{list}，{n}个镜头",
        ),
    ),
    "game_adaptation_films": (
        (
            "Film of the game about {a_s}, {n} shots: {list}",
            "Turn the {s} game into a movie: {list}; {n} shots",
            "Game adaptation, hero {a_s}, {n} shots: {list}",
            "A film based on the game with {a_s} ({list}), {n} shots",
            "Bring {n} moments of the {s} game to the cinema: {list}",
        ),
        (
            "{s}游戏改编影片，{n}个镜头：{list}",
            "把{s}的游戏拍成电影，{list}，共{n}个镜头",
            "游戏改编，主角{s}：{list}，{n}个镜头",
            "{n}镜头游戏电影，{s}：{list}",
            "从游戏到银幕：{s}，{list}，{n}个镜头",
        ),
    ),
    "game_videos": (
        (
            "Gameplay video with {a_s}, {n} shots: {list}",
            "Let's play: {a_s}, {n} shots: {list}",
            "Game highlights of {a_s} in one video: {list}; {n} shots",
            "A game trailer starring {a_s} ({list}), {n} shots",
            "Record a game with {a_s}, a shot for each of {n} moments: {list}",
        ),
        (
            "{s}游戏视频，{n}个镜头：{list}",
            "游戏实况，操作{s}，{list}，共{n}个镜头",
            "{s}的游戏高光视频：{list}，{n}个镜头",
            "{n}镜头游戏集锦，主角{s}：{list}",
            "录一段{s}的游戏，{n}个镜头：{list}",
        ),
    ),
    "movies": (
        (
            "Movie about {a_s}, {n} scenes: {list}",
            "A feature film, lead {a_s}: {list}; {n} scenes",
            "Shoot a film with {a_s} in {n} scenes: {list}",
            "Cinema: {a_s}, {n} scenes ({list})",
            "Direct {n} movie scenes around {a_s}: {list}",
        ),
        (
            "关于{s}的电影，{n}场戏：{list}",
            "故事片，主演{s}：{list}，{n}个镜头",
            "拍一部{s}电影，{list}，共{n}场",
            "{n}个电影场面，主角{s}：{list}",
            "院线片，{s}，{n}个镜头：{list}",
        ),
    ),
    "short_dramas": (
        (
            "Short drama with {a_s}, {n} scenes: {list}",
            "A mini series episode about {a_s}: {list}; {n} shots",
            "Phone drama, lead {a_s}, {n} scenes: {list}",
            "Make a dramatic short of {a_s} ({list}), {n} scenes",
            "{n} scenes of a short drama starring {a_s}: {list}",
        ),
        (
            "{s}短剧，{n}场戏：{list}",
            "拍一集短剧，主角{s}，{list}，共{n}个镜头",
            "竖屏短剧，{s}主演：{list}，{n}场",
            "{n}个镜头的短剧，{s}：{list}",
            "做一段{s}的短剧：{list}，{n}个镜头",
        ),
    ),
    "story_explanations": (
        (
            "Explain the story of {a_s} in {n} shots: {list}",
            "Recap video, story of {a_s}: {list}; {n} shots",
            "Retell what happens to {a_s}, {n} scenes: {list}",
            "Story commentary on {a_s} ({list}), {n} shots",
            "Sum up the tale of {a_s} with {n} shots: {list}",
        ),
        (
            "解说{s}的故事，{n}个镜头：{list}",
            "故事解说，主角{s}，{list}，共{n}个镜头",
            "{n}个镜头讲完{s}的经历：{list}",
            "给{s}的故事做解说视频：{list}，{n}个镜头",
            "剧情解说：{s}，{n}个画面：{list}",
        ),
    ),
}
