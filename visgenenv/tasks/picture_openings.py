"""How image tasks of the further types are opened: subject, number and list; look and consistency are said by clauses.

Slots as in `tasks.templates`: {s} the subject, {a_s} the subject with its article, {n} a number, {list} what each shows.
"""

from __future__ import annotations

from visgenenv.tasks.templates import Wordings

PICTURE_OPENINGS: Wordings = {
    "detail_pages": (
        (
            "Detail page of {a_s} in {n} pictures: {list}",
            "{n} detail images for the shop page of {a_s}: {list}",
            "Explain {a_s} to buyers, {n} pictures in all: {list}",
            "Product details of {a_s}, {n} panels ({list})",
            "I need {n} pictures for a detail page about {a_s}: {list}",
        ),
        (
            "{s}的详情页，共{n}张图：{list}",
            "给{s}做{n}张详情图：{list}",
            "{n}张图讲清楚{s}：{list}",
            "商品详情页，主角{s}，{list}，{n}张",
            "我需要{s}详情页的{n}张图：{list}",
        ),
    ),
    "key_visuals": (
        (
            "{n} key visuals for the {s}, one setting each: {list}",
            "Key visual for the {s} in {n} versions: {list}",
            "Design {n} KVs that announce the {s}: {list}",
            "The {s} needs {n} key visuals, set here: {list}",
            "Main visual of the {s}: {list}, {n} pictures",
        ),
        (
            "{s}的主视觉{n}张，场景各一：{list}",
            "为{s}设计{n}版KV：{list}",
            "{s}主视觉，{list}，共{n}张",
            "做{n}张{s}的活动KV，画面：{list}",
            "{n}版主视觉宣传{s}：{list}",
        ),
    ),
    "landing_pages": (
        (
            "Landing page for {a_s} in {n} sections, a picture each: {list}",
            "{n} mobile web graphics that sell {a_s}: {list}",
            "Design the landing page of {a_s}: {list}; {n} pictures",
            "I need {n} landing page graphics for {a_s}: {list}",
            "Mobile page about {a_s}, {n} blocks ({list})",
        ),
        (
            "{s}落地页，{n}个板块各一张图：{list}",
            "给{s}做{n}张H5图：{list}",
            "设计{s}的推广页，{list}，共{n}张",
            "手机落地页{n}屏，卖{s}：{list}",
            "我需要{n}张{s}落地页图片：{list}",
        ),
    ),
    "brand_visual_identity": (
        (
            "Visual identity of the brand {s}, {n} applications: {list}",
            "Show the {s} brand on {n} items: {list}",
            "Complete brand design for {s}: {list}, {n} pictures",
            "{n} pieces of corporate design for {s}: {list}",
            "Apply the look of {s} to {list}; {n} in all",
        ),
        (
            "品牌{s}的全套视觉，{n}种应用：{list}",
            "把{s}的品牌形象用到{n}件物品上：{list}",
            "{s}品牌设计：{list}，共{n}张",
            "为{s}做{n}件VI物料：{list}",
            "{s}的VI应用图{n}张：{list}",
        ),
    ),
    "banner_graphics": (
        (
            "{n} banners for the {s}, a line each: {list}",
            "Web banners that advertise the {s}, one text per banner: {list}; {n} in all",
            "Design {n} banner graphics for the {s} that read {list}",
            "The {s} needs {n} banners with these words: {list}",
            "Banner set for the {s}, texts {list}, {n} pieces",
        ),
        (
            "{s}的横幅{n}张，每张一句：{list}",
            "为{s}做{n}张网页横幅，文字：{list}",
            "设计{n}张宣传{s}的banner，分别写{list}",
            "{s}横幅图，标题{list}，共{n}张",
            "{n}张活动横幅，主题{s}：{list}",
        ),
    ),
    "official_account_covers": (
        (
            "{n} cover images for articles on {s}, titles: {list}",
            "Official account covers about {s}, a title each: {list}; {n} pictures",
            "Make {n} article covers on {s} that read {list}",
            "Our account writes about {s}: {n} covers, titles {list}",
            "Headline pictures for {n} posts about {s}: {list}",
        ),
        (
            "公众号封面{n}张，话题{s}，标题：{list}",
            "写{s}的公众号文章要{n}张首图：{list}",
            "为{s}专题做{n}张封面，标题分别是{list}",
            "{s}推文头图，{list}，共{n}张",
            "设计{n}张讲{s}的公众号封面：{list}",
        ),
    ),
    "xiaohongshu_covers": (
        (
            "{n} Xiaohongshu covers with {a_s}, titles: {list}",
            "Cover pictures for notes about {a_s}, a title each: {list}; {n} in all",
            "Make {n} Xiaohongshu note covers of {a_s} that read {list}",
            "I post about {a_s}: {n} covers titled {list}",
            "{n} catchy note covers, {a_s} in each, titles {list}",
        ),
        (
            "小红书封面{n}张，主角{s}，标题：{list}",
            "给{s}笔记做{n}张封面：{list}",
            "{n}张小红书首图，{s}，文字分别是{list}",
            "我要发{s}的笔记，封面{n}张：{list}",
            "做{n}张有{s}的种草封面，标题{list}",
        ),
    ),
    "avatar_design": (
        (
            "{n} avatars of {a_s}, one per style: {list}",
            "Profile pictures of {a_s} as {list}; {n} in all",
            "Design {n} avatars, {a_s} in each: {list}",
            "I want {a_s} as my avatar in {n} styles: {list}",
            "Avatar set with {a_s}: {list}, {n} pictures",
        ),
        (
            "{s}头像{n}张，每张一种风格：{list}",
            "用{s}做{n}个头像：{list}",
            "设计{n}款{s}头像，风格：{list}",
            "我想要{s}当头像，{list}，共{n}张",
            "{n}张{s}社交头像：{list}",
        ),
    ),
    "static_emoji": (
        (
            "{n} emoji of {a_s}: {list}",
            "Sticker pack with {a_s}, {n} moods: {list}",
            "Draw {n} static emoji of {a_s} that say {list}",
            "I need {a_s} as {n} chat stickers: {list}",
            "Emoji set, {a_s}, {list}; {n} pictures",
        ),
        (
            "{s}表情包{n}张：{list}",
            "画{n}个{s}静态表情：{list}",
            "用{s}做一套表情，{list}，共{n}个",
            "{n}个聊天表情，主角{s}：{list}",
            "我要{s}的表情{n}张：{list}",
        ),
    ),
    "logo_design": (
        (
            "{n} logo drafts for the brand {s}: {list}",
            "Design a logo for {s} in {n} styles: {list}",
            "Logo ideas for {s}, {n} of them: {list}",
            "Our company is called {s}; draw {n} logos: {list}",
            "{n} versions of a logo that reads {s}: {list}",
        ),
        (
            "品牌{s}的标志{n}稿：{list}",
            "为{s}设计{n}种风格的LOGO：{list}",
            "{s}标志方案，{list}，共{n}个",
            "我们公司叫{s}，画{n}个标志：{list}",
            "做{n}版{s}的LOGO：{list}",
        ),
    ),
    "mini_game_ui": (
        (
            "UI of a mini game about {a_s}, {n} screens: {list}",
            "Design {n} screens for a small game with {a_s}: {list}",
            "Mini game, hero {a_s}: {list}; {n} pictures",
            "Game interface for {a_s}, {n} pages ({list})",
            "I need {n} UI screens for my {s} game: {list}",
        ),
        (
            "小游戏界面，主角{s}，{n}个页面：{list}",
            "设计{s}小游戏的{n}张界面：{list}",
            "{s}主题小游戏UI：{list}，共{n}张",
            "给{s}游戏做{n}个界面：{list}",
            "{n}张游戏界面图，主角是{s}：{list}",
        ),
    ),
    "character_actions": (
        (
            "Show the given {s} doing this: {list}; {n} pictures",
            "{n} action pictures of the attached {s}: {list}",
            "Take the picture of {a_s} and draw {n} actions: {list}",
            "Action sheet from my {s} picture: {list}, {n} in all",
            "Let the given {s} act: {list}; {n} images",
        ),
        (
            "让给定的{s}做这些动作：{list}，共{n}张",
            "根据附图里的{s}画{n}个动作：{list}",
            "所给{s}图的动作设计，{list}，{n}张",
            "用我的{s}图片做{n}张动作图：{list}",
            "给定{s}，画{n}个动作：{list}",
        ),
    ),
    "scene_design": (
        (
            "Scene design: {a_s}, {n} moods: {list}",
            "Draw {a_s} as a setting, {n} pictures: {list}",
            "Show {a_s} in {n} states: {list}",
            "{n} background paintings of {a_s}: {list}",
            "Environment art of {a_s}: {list}; {n} images",
        ),
        (
            "场景设计：{s}，{n}种氛围：{list}",
            "画{s}这个场景，共{n}张：{list}",
            "{s}的背景图{n}张：{list}",
            "设计{s}，{n}个时刻：{list}",
            "{n}张{s}环境设定：{list}",
        ),
    ),
    "picture_book_images": (
        (
            "Picture book about {a_s}, {n} pages with their text: {list}",
            "{n} pages of a picture book, {a_s} on each: {list}",
            "Illustrate a book for children: {a_s}, {n} pages, {list}",
            "Draw {n} book pages with {a_s} and these lines: {list}",
            "A picture book of {n} pages; hero {a_s}: {list}",
        ),
        (
            "{s}绘本，{n}页，配文：{list}",
            "画{n}页绘本，主角{s}：{list}",
            "儿童绘本{n}页，{s}依次{list}",
            "做一本{s}的图画书，{list}，共{n}页",
            "{n}张绘本插图带文字，{s}：{list}",
        ),
    ),
    "realistic_photography": (
        (
            "{n} realistic photos of {a_s}: {list}",
            "Photograph {a_s} here: {list}; {n} shots",
            "True-to-life pictures of {a_s}, {n} places: {list}",
            "{a_s}, photorealistic, {n} pictures: {list}",
            "I need {n} documentary photographs of {a_s}: {list}",
        ),
        (
            "{s}的写实照片{n}张：{list}",
            "拍{n}张真实感{s}照片，地点：{list}",
            "写实摄影，主角{s}，{list}，共{n}张",
            "{n}张纪实风的{s}：{list}",
            "像真的一样拍{s}，{list}，{n}张",
        ),
    ),
}
