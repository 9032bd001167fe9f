"""The 42 kinds of task of VisionCreator's Table 8: 21 of video, 21 of image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TaskType:
    """One kind of task."""

    name: str
    """What `Task.task_type` says."""
    english: str
    """As printed in the paper."""
    chinese: str
    """Our translation; the paper prints none."""
    modality: Literal["image", "video"]


_VIDEO = (
    ("product_marketing_videos", "Product marketing videos", "产品营销视频"),
    ("public_service_advertisements", "Public service advertisements", "公益广告"),
    ("corporate_promotion_videos", "Corporate promotion videos", "企业宣传片"),
    ("brand_story_videos", "Brand story videos", "品牌故事片"),
    ("event_promotion_videos", "Event promotion videos", "活动宣传片"),
    ("instructional_videos", "Instructional videos", "教学视频"),
    ("popular_science_documentaries", "Popular science documentaries", "科普纪录片"),
    ("music_videos", "Music videos (MV)", "音乐短片"),
    ("concert_recordings", "Concert recordings", "演唱会录像"),
    ("variety_shows", "Variety shows", "综艺节目"),
    ("story_videos", "Story videos", "故事短片"),
    ("video_podcasts", "Video podcasts", "视频播客"),
    ("picture_book_videos", "Picture books", "绘本视频"),
    ("dynamic_comics", "Dynamic comics", "动态漫画"),
    ("animated_short_films", "Animated short films", "动画短片"),
    ("animated_movies", "Animated movies", "动画电影"),
    ("game_adaptation_films", "Game adaptation films", "游戏改编影片"),
    ("game_videos", "Game videos", "游戏视频"),
    ("movies", "Movies", "电影"),
    ("short_dramas", "Short dramas", "短剧"),
    ("story_explanations", "Story explanations", "故事解说"),
)
_IMAGE = (
    ("product_images", "Product images", "产品图"),
    ("detail_pages", "Detail pages", "详情页"),
    ("key_visuals", "Key Visual (KV)", "主视觉"),
    ("landing_pages", "Landing pages / H5 graphics", "落地页与H5图"),
    ("brand_visual_identity", "Complete brand visual identity", "全套品牌视觉"),
    ("banner_graphics", "Banner graphics", "横幅图"),
    ("official_account_covers", "Official account cover images", "公众号封面"),
    ("xiaohongshu_covers", "Xiaohongshu covers", "小红书封面"),
    ("marketing_posters", "Marketing posters", "营销海报"),
    ("avatar_design", "Avatar design", "头像设计"),
    ("static_emoji", "Static emoji generation", "静态表情"),
    ("icon_design", "ICON design", "图标设计"),
    ("logo_design", "LOGO design", "标志设计"),
    ("mini_game_ui", "Mini-game UI design", "小游戏界面"),
    ("character_design", "Character design", "角色设计"),
    ("character_actions", "Character action design", "角色动作设计"),
    ("scene_design", "Scene design", "场景设计"),
    ("storyboards", "Storyboards", "分镜"),
    ("picture_book_images", "Picture Book", "绘本"),
    ("stylization", "Stylization", "风格化"),
    ("realistic_photography", "Realistic Photography", "写实摄影"),
)

TASK_TYPES: tuple[TaskType, ...] = tuple(TaskType(*row, "video") for row in _VIDEO) + tuple(TaskType(*row, "image") for row in _IMAGE)
"""In the paper's order, videos first. "Picture book" stands in both columns; the names tell them apart."""
BY_NAME: dict[str, TaskType] = {kind.name: kind for kind in TASK_TYPES}
