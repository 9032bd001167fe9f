"""The words tasks are made of, in English and Chinese side by side, and which of them training never sees.

Nouns and lines of text are split once and for all by a stable hash: about one in five of each kind is *held out*. No
held-out noun occurs in a training task, nor does any line.
"""

from __future__ import annotations

from typing import Literal

from visgenenv import chance

Word = tuple[str, str]
"""English, Chinese."""
Split = Literal["train", "heldout", "all"]


def word_list(text: str) -> tuple[Word, ...]:
    """`english=chinese` entries, separated by bars and line ends."""
    entries = (entry.strip().partition("=") for line in text.strip().splitlines() for entry in line.split("|"))
    return tuple((english.strip(), chinese.strip()) for english, _, chinese in entries if english.strip())


PRODUCTS = word_list("""
lantern=灯笼 | kettle=水壶 | bicycle=自行车 | backpack=背包 | teapot=茶壶 | watch=手表 | chair=椅子 | guitar=吉他 | camera=相机
candle=蜡烛 | umbrella=雨伞 | notebook=笔记本 | sneaker=球鞋 | scarf=围巾 | helmet=头盔 | mirror=镜子 | vase=花瓶 | compass=指南针
radio=收音机 | suitcase=行李箱 | bracelet=手链 | telescope=望远镜 | keyboard=键盘 | wallet=钱包 | blender=搅拌机 | hammock=吊床
thermos=保温杯 | toaster=烤面包机 | violin=小提琴 | tambourine=手鼓 | skateboard=滑板 | necklace=项链 | perfume=香水 | sofa=沙发
pillow=枕头 | blanket=毛毯 | speaker=音箱 | headphones=耳机 | sunglasses=墨镜 | pen=钢笔 | globe=地球仪 | clock=挂钟 | basket=篮子
tent=帐篷 | canoe=独木舟 | kite=风筝 | sled=雪橇 | lamp=台灯 | mug=马克杯 | spoon=勺子 | jacket=夹克 | sandal=凉鞋 | glove=手套
bench=长凳 | stove=炉子 | drone=无人机 | scooter=电动车 | printer=打印机 | piano=钢琴 | puzzle=拼图
""")
CHARACTERS = word_list("""
fox=狐狸 | panda=熊猫 | robot=机器人 | wizard=巫师 | pirate=海盗 | astronaut=宇航员 | dragon=飞龙 | rabbit=兔子 | owl=猫头鹰
turtle=乌龟 | knight=骑士 | detective=侦探 | chef=厨师 | gardener=园丁 | sailor=水手 | penguin=企鹅 | elephant=大象 | lion=狮子
monkey=猴子 | hedgehog=刺猬 | squirrel=松鼠 | dancer=舞者 | ninja=忍者 | mermaid=美人鱼 | wolf=野狼 | deer=小鹿 | frog=青蛙
parrot=鹦鹉 | inventor=发明家 | otter=水獭 | kitten=小猫 | explorer=探险家
""")
EVENTS = word_list("""
book fair=书展 | night market=夜市 | film festival=电影节 | food festival=美食节 | art exhibition=艺术展 | car show=车展
flower show=花展 | science fair=科学展 | charity run=公益跑 | tech summit=科技峰会 | craft market=手工集市 | tea ceremony=茶会
marathon=马拉松 | fashion show=时装秀 | job fair=招聘会 | ice carnival=冰雪节 | yoga day=瑜伽日 | street parade=花车巡游
dog show=宠物展 | harvest feast=丰收宴
""")
CAUSES = word_list("""
road safety=道路安全 | clean rivers=清洁河流 | saving water=节约用水 | blood donation=无偿献血 | tree planting=植树造林
reading aloud=全民朗读 | fire safety=消防安全 | animal care=关爱动物 | waste sorting=垃圾分类 | ocean care=海洋保护
healthy eating=健康饮食 | kind words=文明用语 | elder care=关爱老人 | online safety=网络安全 | saving energy=节约能源
early bedtime=早睡早起 | clean air=清洁空气 | public transport=公共交通
""")
TOPICS = word_list("""
black holes=黑洞 | volcanoes=火山 | honeybees=蜜蜂 | vaccines=疫苗 | glaciers=冰川 | earthquakes=地震 | photosynthesis=光合作用
magnets=磁铁 | dinosaurs=恐龙 | coral reefs=珊瑚礁 | rockets=火箭 | dreams=梦境 | genes=基因 | tides=潮汐 | lightning=闪电 | eclipses=日食
ants=蚂蚁 | batteries=电池 | bacteria=细菌 | fossils=化石
""")
COMPANIES = word_list("""
bakery=面包坊 | shipyard=造船厂 | airline=航空公司 | brewery=酒厂 | law firm=律所 | dairy=乳业 | foundry=铸造厂 | publisher=出版社
toy maker=玩具厂 | solar plant=光伏电站 | hotel=酒店 | railway=铁路公司 | weaving mill=纺织厂 | orchard=果园 | pharmacy=药房
print shop=印刷厂 | clinic=诊所 | fishery=渔业公司 | sawmill=锯木厂 | tea house=茶庄
""")
BRANDS = word_list("""
Lumora=露莫拉 | Veltri=维翠 | Kanoa=卡诺亚 | Orbeel=奥贝尔 | Tindra=汀德拉 | Quillow=奎洛 | Nimbly=宁比利 | Zephra=泽芙拉 | Brambo=布兰堡
Calyxo=卡利索 | Marlow=马洛 | Fennick=芬尼克 | Halden=哈尔登 | Isola=伊索拉 | Junipa=朱尼帕 | Ravello=拉韦洛 | Solvane=索凡 | Torvik=托维克
Ulmera=乌美拉 | Wistan=维斯坦 | Yarroby=雅罗比 | Elmoro=埃尔莫 | Pindar=品达 | Aurivo=奥瑞沃
""")
NOUNS: dict[str, tuple[Word, ...]] = {"product": PRODUCTS, "character": CHARACTERS, "event": EVENTS, "cause": CAUSES}
"""Kinds of subject of the dozen task types that the small policy is taught."""
FURTHER_NOUNS: dict[str, tuple[Word, ...]] = {"topic": TOPICS, "company": COMPANIES, "brand": BRANDS}
"""Kinds of subject of the other types."""

MODIFIERS: dict[str, tuple[Word, ...]] = {
    "product": word_list("""
red=红色 | blue=蓝色 | green=绿色 | black=黑色 | white=白色 | golden=金色 | silver=银色 | pink=粉色 | purple=紫色 | orange=橙色
copper=铜制 | wooden=木制 | glass=玻璃 | ceramic=陶瓷 | leather=皮革 | bamboo=竹制 | marble=大理石 | velvet=丝绒 | vintage=复古
mini=迷你 | striped=条纹 | folding=折叠 | handmade=手作 | crystal=水晶
"""),
    "character": word_list("""
brave=勇敢的 | tiny=小小的 | sleepy=困倦的 | curious=好奇的 | old=年迈的 | young=年轻的 | cheerful=快乐的 | lonely=孤独的
clever=聪明的 | shy=害羞的 | masked=蒙面的 | royal=高贵的 | lazy=懒惰的 | lucky=幸运的 | mighty=强壮的 | gentle=温柔的
"""),
    "event": word_list("spring=春季 | summer=夏季 | autumn=秋季 | winter=冬季 | city=城市 | campus=校园 | annual=年度 | local=本地"),
    "cause": (("", ""),),
    "topic": (("", ""),),
    "company": word_list("""
family-run=家族经营的 | coastal=海滨 | century-old=百年 | small-town=小镇 | modern=现代
award-winning=获奖的 | mountain=山区 | downtown=市中心
"""),
    "brand": (("", ""),),
}
SETTINGS = word_list("""
beach=海滩 | forest=森林 | rooftop=屋顶 | desert=沙漠 | city street=街道 | kitchen=厨房 | library=图书馆 | harbor=港口
snowfield=雪地 | meadow=草地 | subway=地铁 | mountain top=山顶 | garden=花园 | studio=摄影棚 | cafe=咖啡馆 | river bank=河边
bridge=桥上 | lighthouse=灯塔 | vineyard=葡萄园 | stadium=体育场 | museum=博物馆 | lakeside=湖边 | cave=山洞 | village=村庄
playground=操场 | balcony=阳台 | greenhouse=温室 | castle=城堡 | waterfall=瀑布 | island=小岛 | farm=农场
""")
VIEWS = word_list("""
close-up=特写 | wide shot=全景 | top view=俯视 | side view=侧面 | slow spin=慢速旋转 | in hand=手持 | back view=背面
low angle=低角度 | macro detail=微距 | silhouette=剪影 | floating=悬浮 | front view=正面 | golden hour=黄昏 | in the rain=雨中
""")
ACTIONS = word_list("""
running=奔跑 | sleeping=睡觉 | waving=挥手 | reading=看书 | dancing=跳舞 | jumping=跳跃 | fishing=钓鱼 | cooking=做饭
swimming=游泳 | climbing=攀爬 | laughing=大笑 | knitting=织毛衣 | singing=唱歌 | sitting=坐着 | flying=飞翔 | hiding=躲藏
crying=哭泣 | sailing=航行 | skating=滑冰 | digging=挖掘 | cycling=骑车 | sneaking=潜行 | bowing=鞠躬 | drinking=喝水
""")
STYLES = word_list("""
watercolor=水彩 | oil painting=油画 | pixel art=像素 | anime=动漫 | ink wash=水墨 | paper cut=剪纸 | pencil sketch=素描
clay=黏土 | neon=霓虹 | comic=漫画 | low poly=低多边形 | pop art=波普 | ukiyo-e=浮世绘 | flat=扁平 | pastel=粉彩 | mosaic=马赛克
""")
GENRES = word_list("""
jazz=爵士 | techno=电子 | folk=民谣 | rock=摇滚 | lo-fi=低保真 | ambient=氛围 | funk=放克 | reggae=雷鬼 | orchestral=管弦
swing=摇摆 | blues=蓝调 | disco=迪斯科
""")
TEMPI = (90, 120, 150)
"""Beats per minute at which clips of 4, 6 and 8 s last a whole number of beats."""
_VERBS = word_list("""
Light up=点亮 | Feel=感受 | Discover=发现 | Share=分享 | Carry=带上 | Trust=相信 | Dream of=梦见 | Celebrate=庆祝 | Enjoy=享受
Welcome=欢迎 | Keep=珍藏 | Follow=追随 | Protect=守护 | Begin=开启 | Love=热爱
""")
_OBJECTS = word_list("""
the moment=此刻 | your day=每一天 | every morning=清晨 | the journey=旅程 | new colors=新色彩 | quiet nights=静夜 | true comfort=舒适
the wild=自然 | small wonders=小惊喜 | home=家 | tomorrow=明天 | good times=好时光 | simple things=简单 | pure joy=欢乐
the future=未来 | fresh air=清新 | our story=我们的故事 | real taste=真滋味 | warm hearts=温暖 | the season=这一季
""")
_TAILS = word_list("today=今天 | together=一起 | again=再次 | now=现在")
LINES: tuple[Word, ...] = tuple(
    (f"{verb[0]} {thing[0]} {tail[0]}".strip(), f"{tail[1]}{verb[1]}{thing[1]}")
    for verb in _VERBS
    for thing in _OBJECTS
    for tail in (("", ""), *_TAILS)
)
"""Headlines, subtitles and spoken lines: two to five words."""


def _split(words: tuple[Word, ...], split: Split) -> tuple[Word, ...]:
    """The words of a split; the held-out fifth is the one whose hashes come first, so that small kinds are split evenly too."""
    if split == "all":
        return words
    ranked = sorted(words, key=lambda word: chance.bits("heldout", word[0]))
    held = set(ranked[: round(len(words) / 5)])
    return tuple(word for word in words if (word in held) == (split == "heldout"))


_SPLITS: tuple[Split, ...] = ("train", "heldout", "all")
_NOUNS_OF = {(kind, split): _split(words, split) for kind, words in {**NOUNS, **FURTHER_NOUNS}.items() for split in _SPLITS}
_LINES_OF = {split: _split(LINES, split) for split in _SPLITS}


def nouns(kind: str, split: Split) -> tuple[Word, ...]:
    """Nouns of a kind, a key of `NOUNS` or `FURTHER_NOUNS`, that a split may use."""
    return _NOUNS_OF[kind, split]


def lines(split: Split) -> tuple[Word, ...]:
    """Short lines of text that a split may use."""
    return _LINES_OF[split]


def heldout_nouns() -> tuple[Word, ...]:
    """Every noun that no training task names."""
    return tuple(word for kind in (*NOUNS, *FURTHER_NOUNS) for word in nouns(kind, "heldout"))
