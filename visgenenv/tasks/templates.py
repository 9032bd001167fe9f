"""How tasks are said: several openings a type and language, and a wording for every requirement.

Slots: {s} the subject, {a_s} the subject with its article (English), {n} a number of pictures or shots, {list} what each
of them shows, {style} a look, {m} pictures a setting. An opening names everything it has a slot for;
what it leaves out is said by a clause.
"""

from __future__ import annotations

Wordings = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""By name: English, Chinese."""

OPENINGS: Wordings = {
    "product_images": (
        (
            "Product photos of {a_s}, settings: {list}, {m} each, {n} in all",
            "{n} catalogue pictures of {a_s}, {m} for each setting ({list})",
            "Shoot {a_s}: {list}, {m} per setting, {n} pictures",
            "I need {n} product images of {a_s}, {m} in every setting: {list}",
            "For our shop: {a_s} shown here: {list}; {m} each, {n} pictures together",
        ),
        (
            "{s}的产品图，场景：{list}，每个场景{m}张，共{n}张",
            "拍{n}张{s}商品照，每个场景{m}张：{list}",
            "网店要{s}的图片，{list}各{m}张，一共{n}张",
            "我需要{n}张{s}产品图，{list}，每处{m}张",
            "请做{s}产品图：{list}，每种{m}张，总数{n}张",
        ),
    ),
    "marketing_posters": (
        (
            "{n} {style} posters for {a_s}, a headline each: {list}",
            "Make {n} marketing posters for {a_s} in {style} look, one headline per poster: {list}",
            "Posters in {style}, selling {a_s}; headlines {list}; {n} in total",
            "Design {n} {style} posters of {a_s} that read {list}, one each",
            "Advertise {a_s} with {n} posters, {style}, headline on each: {list}",
        ),
        (
            "为{s}做{n}张{style}海报，每张一个标题：{list}",
            "{n}张{style}风格的{s}营销海报，标题分别是{list}",
            "{s}促销海报{n}张，{style}，每张写一个标题：{list}",
            "设计{n}张宣传{s}的海报，用{style}，文字依次为{list}",
            "海报{n}张，{style}，主角是{s}，标题：{list}",
        ),
    ),
    "character_design": (
        (
            "Character sheet of {a_s}, {n} pictures of the same character: {list}",
            "Design {a_s} and keep the character consistent in {n} pictures: {list}",
            "{n} drawings of one and the same {s}: {list}",
            "I need {a_s} as a character set ({list}), {n} images, always the same character",
            "Draw {n} poses of the same {s}: {list}, consistent throughout",
        ),
        (
            "{s}的角色设定，同一角色{n}张：{list}",
            "设计{s}，{n}张图里角色保持一致：{list}",
            "画同一个{s}的{n}个姿势：{list}",
            "我要一套{s}角色图，共{n}张，形象统一：{list}",
            "{n}张角色图，始终是同一个{s}：{list}",
        ),
    ),
    "storyboards": (
        (
            "Storyboard of {n} {style} frames with the same {s}: {list}",
            "{n} storyboard frames, {style}, {a_s} who looks the same in all: {list}",
            "Sketch a story of {a_s} in {n} frames ({list}), {style}, one consistent character",
            "Draw a storyboard of {n} {style} frames; the same {s} in each: {list}",
            "Board this in {style}: {s}, {list}; {n} frames, character consistent",
        ),
        (
            "{n}格{style}分镜，同一个{s}：{list}",
            "画{n}张{style}分镜图，{s}的形象前后一致：{list}",
            "用{style}画{s}的故事，{n}格，角色统一：{list}",
            "分镜{n}格，{style}，每格都是同一个{s}：{list}",
            "{s}的{style}分镜，依次{list}，共{n}格，角色保持一致",
        ),
    ),
    "stylization": (
        (
            "Restyle the given picture of {a_s}: {list}, {n} results",
            "Turn the attached {s} into {list}; {n} images",
            "Make {n} versions of my {s} picture, one per style: {list}",
            "Take the picture of {a_s} and redraw it as {list}, {n} in total",
            "{n} edits of the given {s}, styles: {list}",
        ),
        (
            "把给定的{s}图片改成这些风格：{list}，共{n}张",
            "将附图里的{s}重画为{list}，一共{n}张",
            "我的{s}图片做{n}个版本，每种风格一张：{list}",
            "给定{s}图，转换风格：{list}，{n}张",
            "用所给的{s}图片生成{n}张：{list}",
        ),
    ),
    "icon_design": (
        (
            "{n} {style} icons in one consistent style: {list}",
            "Icon set, {style}, the same style for all {n}: {list}",
            "Design {n} matching icons in {style}: {list}",
            "I need app icons ({list}), {n} pieces, all in one {style} style",
            "Draw a consistent {style} icon family of {n}: {list}",
        ),
        (
            "{n}个{style}图标，风格统一：{list}",
            "一套{style}图标，共{n}个，风格一致：{list}",
            "设计{n}个风格一致的{style}图标：{list}",
            "应用图标{n}个（{list}），风格统一为{style}",
            "画{n}个同一风格的{style}图标：{list}",
        ),
    ),
    "product_marketing_videos": (
        (
            "Marketing video of {a_s}, {n} shots: {list}; the same product in every shot",
            "Sell {a_s} in a video: {list}, {n} shots, product consistent throughout",
            "A {n}-shot product film on {a_s} ({list}) in which the product never changes",
            "I need a video ad for {a_s}: {n} shots, {list}, one consistent product",
            "Film {a_s} in {n} shots, {list}; it must look the same in all of them",
        ),
        (
            "{s}的营销视频，{n}个镜头：{list}，产品保持一致",
            "给{s}拍一条广告视频，{n}个镜头，{list}，每个镜头是同一件产品",
            "{n}镜头产品片，主角{s}，{list}，外观前后统一",
            "我要{s}的推广视频：{list}，共{n}个镜头，产品一致",
            "拍{s}，{n}个镜头依次是{list}，产品样子不变",
        ),
    ),
    "music_videos": (
        (
            "Music video with {a_s}, cut on the beat, {n} shots: {list}",
            "A music clip of {n} shots, {a_s} at {list}, cuts on the beat",
            "Make an MV: {s}, {list}, {n} shots that change on the beat",
            "{a_s} in a {n}-shot music video ({list}); cut to the beat",
            "Beat-cut music video starring {a_s}: {n} shots, {list}",
        ),
        (
            "{s}的音乐短片，卡点剪辑，{n}个镜头：{list}",
            "做一支MV，主角{s}，{n}个镜头，{list}，按节拍切换",
            "音乐视频{n}个镜头：{s}在{list}，踩点剪辑",
            "{s}主演的卡点MV，{list}，共{n}个镜头",
            "拍{n}个镜头的音乐片，{s}，{list}，镜头跟着节拍切",
        ),
    ),
    "story_videos": (
        (
            "Story of {a_s} in {n} shots with a consistent character: {list}",
            "A short film: the same {s}, {n} shots, {list}",
            "Tell a story of {a_s} in video, {list}; {n} shots, always the same character",
            "Animate {n} shots of one {s}: {list}, character unchanged",
            "{n}-shot story video; {a_s}, consistent in all: {list}",
        ),
        (
            "{s}的故事短片，{n}个镜头，角色一致：{list}",
            "讲一个{s}的视频故事，{list}，共{n}个镜头，始终同一角色",
            "故事视频{n}个镜头，同一个{s}：{list}",
            "拍{n}个镜头，{s}依次{list}，形象保持不变",
            "做一部{s}短片，角色统一，{n}个镜头：{list}",
        ),
    ),
    "public_service_advertisements": (
        (
            "Public service ad about {s}, {n} shots: {list}",
            "A PSA for {s} in {n} shots ({list})",
            "Promote {s} in {n} shots of a public spot: {list}",
            "Make a public interest video on {s}: {list}, {n} shots",
            "{n} shots for a public notice on {s}: {list}",
        ),
        (
            "{s}公益广告，{n}个镜头：{list}",
            "拍一条宣传{s}的公益片，{list}，共{n}个镜头",
            "公益视频，主题{s}，{n}个镜头：{list}",
            "为{s}做{n}个镜头的公益广告：{list}",
            "{n}镜头公益短片，讲{s}，画面{list}",
        ),
    ),
    "event_promotion_videos": (
        (
            "Promo video for the {s}, {n} shots: {list}",
            "Invite people to the {s}: {n} shots, {list}",
            "A {n}-shot trailer of the {s} ({list})",
            "Promote our {s} in a video, {list}, {n} shots",
            "{n} shots that announce the {s}: {list}",
        ),
        (
            "{s}的宣传视频，{n}个镜头：{list}",
            "为{s}做预告片，{list}，共{n}个镜头",
            "{n}镜头活动视频，邀请大家来{s}：{list}",
            "推广{s}，{n}个镜头，{list}",
            "{s}活动宣传片，画面{list}，{n}个镜头",
        ),
    ),
    "brand_story_videos": (
        (
            "Animate the given picture of {a_s} in every shot of a brand film, {n} shots: {list}",
            "Brand story from my {s} picture, the same {s} in all {n} shots: {list}",
            "Use the attached {s} in every shot of a brand video: {list}, {n} shots",
            "From the given {s} picture, make {n} brand film shots with the same product ({list})",
            "Bring the given {s} to life in {n} shots for our brand, {list}, the same product in each",
        ),
        (
            "用给定的{s}图片做品牌片的每个镜头，共{n}个镜头：{list}",
            "让附图里的同一件{s}动起来，品牌故事{n}个镜头，{list}",
            "品牌视频，每个镜头都用所给的{s}：{list}，共{n}个镜头",
            "从所给{s}图片出发，拍品牌短片的{n}个镜头，产品不变：{list}",
            "把我的{s}图做成品牌故事，{list}，{n}个镜头都用同一产品",
        ),
    ),
}

CLAUSES: Wordings = {
    "aspect": (("{x} format", "aspect ratio {x}", "in {x}"), ("{x}画幅", "比例{x}", "画面比例{x}")),
    "min_side": (
        ("short side at least {x} pixels", "print size, {x} px or more on the short side", "no side under {x} pixels"),
        ("短边至少{x}像素", "印刷用，短边不低于{x}像素", "每边不少于{x}像素"),
    ),
    "each": (("{x} seconds each", "{x} s a shot", "every shot {x} seconds"), ("每个镜头{x}秒", "每镜{x}秒", "单个镜头{x}秒")),
    "total": (("{x} seconds in total", "{x} s long", "total length {x} seconds"), ("总长{x}秒", "全片{x}秒", "一共{x}秒")),
    "narration": (
        ("narration “{x}”", "a voice says “{x}”", "voice-over: “{x}”"),
        ("旁白“{x}”", "配音说“{x}”", "解说词“{x}”"),
    ),
    "subtitle": (
        ("subtitle “{x}”", "subtitled “{x}”", "on-screen subtitle: “{x}”"),
        ("字幕“{x}”", "加字幕“{x}”", "配上字幕“{x}”"),
    ),
    "music": (
        ("{x} music", "{x} soundtrack", "set to {x} music"),
        ("配{x}音乐", "背景音乐为{x}", "用{x}音乐做配乐"),
    ),
    "tempo": (
        ("{x} music at {y} bpm", "set to {x} at {y} bpm", "{x} track, {y} bpm"),
        ("{x}音乐，{y} bpm", "配乐为{x}，{y} bpm", "{y} bpm的{x}音乐"),
    ),
    "film_side": (
        ("short side at least {x} pixels", "full HD, {x} or more on the short side", "no side under {x} pixels"),
        ("短边至少{x}像素", "全高清，短边不低于{x}", "每边不少于{x}像素"),
    ),
    "style": (
        ("in {x} style", "{x} look", "style: {x}"),
        ("{x}风格", "画风{x}", "采用{x}画风"),
    ),
    "words": (
        ("the words “{x}” on every picture", "write “{x}” on each of them", "“{x}” must be readable on all of them"),
        ("每张都写上“{x}”", "每张图都有文字“{x}”", "张张都要看得见“{x}”"),
    ),
    "film_words": (
        (
            "the words “{x}” written in the picture itself",
            "“{x}” painted into the scene itself",
            "the lettering “{x}” on something in a shot",
        ),
        ("画面里的物体上写着“{x}”", "场景中画有“{x}”字样", "镜头里有“{x}”的招牌字"),
    ),
    "sound": (
        ("with the sounds of the scene", "keep the natural sound", "we must hear what happens"),
        ("保留现场声", "要有环境音", "听得到现场声音"),
    ),
    "variety": (
        ("no two alike", "each of them different", "all different from one another"),
        ("各不相同", "不要重复", "每张都不一样"),
    ),
    "same character": (
        ("the same character throughout", "one consistent character", "the character must stay the same"),
        ("角色前后一致", "始终是同一个角色", "角色形象统一"),
    ),
    "same object": (
        ("the same product throughout", "the product must stay the same", "one consistent product"),
        ("产品前后一致", "始终是同一件产品", "产品外观统一"),
    ),
    "same scene": (
        ("the same place throughout", "one consistent scene", "the place must stay the same"),
        ("场景前后一致", "始终是同一个地方", "场景统一"),
    ),
    "same style": (
        ("all in the same style", "one consistent style", "the style must stay the same"),
        ("风格前后一致", "风格统一", "始终是同一种风格"),
    ),
}
