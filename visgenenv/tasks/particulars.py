"""What the single pictures and shots of each kind of task show, in English and Chinese; long tasks may need the further words."""

from __future__ import annotations

from visgenenv.tasks.vocabulary import STYLES, VIEWS, word_list

ALL_VIEWS = VIEWS + word_list("""
over the shoulder=过肩 | backlit=逆光 | unboxing=开箱 | on a turntable=转台 | half in shadow=半明半暗 | by the window=窗边
gift wrapped=礼品包装 | bird's eye=鸟瞰 | symmetry=对称 | in the dark=黑暗中 | with water drops=水珠 | through fog=雾中
""")
ALL_STYLES = STYLES + word_list("""
gouache=水粉 | charcoal=炭笔 | stained glass=彩色玻璃 | art deco=装饰艺术 | isometric=等距 | vaporwave=蒸汽波 | linocut=版画 | chalk=粉笔
origami=折纸 | embroidery=刺绣
""")
FEATURES = word_list("""
material=材质 | size chart=尺码表 | weight=重量 | colour range=配色 | packaging=包装 | warranty=保修 | inner structure=内部结构
everyday use=日常使用 | surface texture=表面纹理 | accessories=配件 | washing advice=清洗建议 | assembly=组装 | safety label=安全标识
craftsmanship=工艺 | size comparison=尺寸对比 | gift box=礼盒 | endurance test=耐用测试 | buyer's photo=买家秀 | award=获奖
place of origin=产地 | care tips=保养贴士 | delivery=配送 | price tag=价签 | model number=型号
""")
SECTIONS = word_list("""
hero banner=首屏 | key benefits=核心卖点 | how it works=使用流程 | testimonials=用户评价 | pricing=价格方案 | team=团队介绍
questions=常见问题 | sign-up form=报名表 | partners=合作伙伴 | countdown=倒计时 | picture gallery=图集 | footer=页脚 | coupon=优惠券
store map=门店地图 | schedule=日程 | guests=嘉宾 | share card=分享卡 | lucky draw=抽奖 | ranking=排行榜 | opening hours=营业时间
live stream=直播入口 | news=最新动态 | contact=联系方式 | newsletter=订阅
""")
CARRIERS = word_list("""
business card=名片 | letterhead=信纸 | envelope=信封 | tote bag=帆布袋 | shop sign=门头 | delivery van=送货车 | paper cup=纸杯
staff shirt=工服 | name badge=工牌 | web header=网站头图 | menu=菜单 | box=包装盒 | banner flag=道旗 | book cover=书封 | sticker=贴纸
receipt=小票 | gift card=礼品卡 | phone case=手机壳 | poster frame=海报框 | wrapping paper=包装纸 | stamp=印章 | door plate=门牌
app screen=应用界面 | apron=围裙
""")
EXPRESSIONS = word_list("""
happy=开心 | sad=难过 | angry=生气 | surprised=惊讶 | embarrassed=尴尬 | drowsy=犯困 | proud=得意 | confused=疑惑 | in love=心动
in tears=流泪 | winking=眨眼 | thumbs up=点赞 | shocked=震惊 | bored=无聊 | thinking=思考 | cheering=加油 | sweating=流汗 | dizzy=头晕
begging=拜托 | sorry=抱歉 | hungry=饿了 | cool=耍酷 | speechless=无语 | saying goodbye=再见
""")
SCREENS = word_list("""
start screen=开始界面 | level map=关卡图 | item shop=道具商店 | inventory=物品栏 | settings menu=设置菜单 | leaderboard=排名榜
pause menu=暂停菜单 | victory screen=胜利界面 | defeat screen=失败界面 | daily reward=每日奖励 | hero select=选人界面 | quest log=任务日志
loading screen=加载界面 | tutorial=新手引导 | mailbox=邮箱 | friends list=好友列表 | skill tree=技能树 | lucky wheel=幸运转盘
battle view=战斗界面 | chat window=聊天窗口 | achievements=成就 | season pass=赛季通行证 | guild hall=公会大厅 | profile=个人主页
""")
WEATHERS = word_list("""
at dawn=黎明 | at noon=正午 | at dusk=傍晚 | at night=夜晚 | in fog=大雾 | in a storm=暴风雨 | first snow=初雪 | spring bloom=春花
autumn leaves=秋叶 | full moon=满月 | heavy rain=大雨 | festival lights=节日灯火 | after the flood=洪水过后 | sandstorm=沙尘
rainbow=彩虹 | deserted=空无一人 | crowded=人来人往 | in ruins=废墟 | being built=施工中 | by candlelight=烛光 | blue hour=蓝调时刻
heat haze=热浪 | northern lights=极光 | frozen=冰封
""")
WORKPLACES = word_list("""
front gate=大门 | meeting room=会议室 | assembly line=生产线 | warehouse=仓库 | laboratory=实验区 | reception=前台 | training class=培训课
quality check=质检 | loading dock=装卸区 | open office=开放办公 | founder's portrait=创始人肖像 | customer visit=客户来访 | handshake=握手
night shift=夜班 | canteen=食堂 | control room=控制室 | aerial view=航拍 | archive photo=老照片 | award wall=荣誉墙 | team photo=团队合影
product launch=发布会 | volunteers=志愿活动 | new building=新楼 | signing=签约
""")
STEPS = word_list("""
laying out the parts=摆放零件 | reading the manual=阅读说明书 | assembling=动手组装 | first test=首次试用 | wiping it clean=擦拭
drying=晾干 | storing=收纳 | oiling=上油 | adjusting=调节 | fastening=固定 | carrying=搬运
repairing=维修 | polishing=抛光 | measuring=测量
labelling=贴标签 | changing a part=更换零件 | safety check=安全检查 | common mistake=常见错误 | finished result=完成效果
needed tools=所需工具 | packing=打包 | sharpening=磨利 | painting over=补漆 | final test=最终测试
""")
FACETS = word_list("""
origin=起源 | cross-section=剖面 | time lapse=延时摄影 | scale model=比例模型 | first discovery=首次发现 | in the lab=实验室里
field work=野外考察 | daily life=日常生活 | famous experiment=著名实验 | data chart=数据图表 | world map=世界地图 | microscope view=显微视角
under water=水下 | seen from orbit=太空视角 | old records=古代记录 | outlook=未来展望 | common myth=常见误区 | researcher at work=科研人员
possible danger=潜在危险 | comparison=对比 | summary=总结 | slow motion=慢动作 | inside view=内部视角 | school lesson=课堂演示
""")
STAGE = word_list("""
light show=灯光秀 | singing crowd=合唱人群 | drum solo=鼓手独奏 | backstage=后台
opening bow=开场致意 | confetti=彩带 | crane shot=摇臂镜头
front row=前排观众 | slow song=慢歌 | encore=返场 | glow sticks=荧光棒 | costume change=换装 | dance break=舞段 | fireworks=烟花
last row=后排视角 | band introduction=乐队介绍 | big screen=大屏幕 | sound check=试音 | duet=对唱 | final chorus=终曲 | walking on=登台
stage smoke=舞台烟雾 | spotlight=聚光 | hands in the air=挥舞的手
""")
SEGMENTS = word_list("""
opening dance=开场舞 | guest entrance=嘉宾入场 | quiz round=问答环节 | guessing game=猜谜 | obstacle race=障碍赛 | kitchen contest=厨艺比拼
audience vote=观众投票 | magic trick=魔术 | talent show=才艺展示 | interview=访谈 | blindfold challenge=蒙眼挑战 | relay race=接力赛
karaoke=K歌 | forfeit=惩罚环节 | prize giving=颁奖 | bloopers=花絮 | comedy sketch=小品 | lottery=抽签 | tug of war=拔河
surprise gift=惊喜礼物 | dance battle=斗舞 | grand final=总决赛 | farewell=告别 | next week=下期预告
""")
TALKS = word_list("""
host at the desk=主持台 | smiling guest=微笑的嘉宾 | microphone detail=话筒细节 | whole studio=演播室全貌 | listener's letter=听众来信
split screen=分屏 | tea on the table=桌上的茶 | raised hand=举手提问 | notes on paper=手写笔记 | laughter=笑声 | leaning forward=身体前倾
neon sign=霓虹招牌 | bookshelf=书架 | chart on a screen=屏幕图表 | long pause=沉默
phone-in=连线 | opening words=开场白 | closing words=结束语
two cups=两只杯子 | nodding=点头 | gesture=手势 | audience corner=观众席 | on-air sign=直播牌 | handover=交接
""")
LEVELS = word_list("""
boss fight=首领战 | treasure room=宝藏室 | jumping level=跳跃关 | racing lap=竞速圈 | open world=开放世界 | night raid=夜袭 | crafting=合成
stealth mission=潜入任务 | last level=最终关 | power-up=强化道具 | hidden door=暗门
ice level=冰雪关 | lava level=熔岩关 | flying mount=飞行坐骑
team battle=团战 | trading post=交易站 | respawn=复活 | secret boss=隐藏首领 | city siege=攻城 | fishing mini game=钓鱼小游戏
loot drop=掉落 | combo strike=连击 | checkpoint=存档点 | high score=高分
""")
SCENES = word_list("""
first meeting=初次相遇 | quarrel=争吵 | chase=追逐 | secret letter=密信 | at the station=车站 | rainy night=雨夜 | in court=法庭
hospital corridor=医院走廊 | reunion=重逢 | betrayal=背叛 | escape=逃离 | wedding=婚礼 | duel=决斗 | phone call=来电 | faded photo=旧照片
confession=表白 | empty house=空屋 | last smile=最后的微笑 | prison=监狱 | storm at sea=海上风暴 | crowded party=热闹聚会
last waltz=最后的华尔兹 | broken promise=失约 | long road=长路
""")
