"""Chinese questions outside, and the words that fill them."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

CHINESE_WORDS: Mapping[str, tuple[str, ...]] = {
    "land": listed(
        "法国 | 德国 | 日本 | 巴西 | 印度 | 中国 | 埃及 | 加拿大 | 西班牙 | 意大利 | 俄罗斯 | 英国 | 美国 | 韩国 | "
        "泰国 | 越南 | 澳大利亚 | 墨西哥 | 土耳其 | 希腊"
    ),
    "city": listed(
        "北京 | 上海 | 广州 | 深圳 | 成都 | 西安 | 杭州 | 南京 | 武汉 | 重庆 | 香港 | 东京 | 巴黎 | 伦敦 | 纽约 | "
        "罗马 | 柏林 | 首尔"
    ),
    "person": listed(
        "李白 | 杜甫 | 孔子 | 老子 | 秦始皇 | 毛泽东 | 鲁迅 | 曹操 | 诸葛亮 | 姚明 | 成龙 | 马云 | 爱因斯坦 | 牛顿 | "
        "莫扎特 | 拿破仑 | 莎士比亚"
    ),
    "work": listed("红楼梦 | 西游记 | 三国演义 | 水浒传 | 论语 | 三体 | 哈利波特 | 哈姆雷特 | 活着 | 泰坦尼克号"),
    "thing": listed(
        "手机 | 电脑 | 汽车 | 自行车 | 相机 | 钢琴 | 冰箱 | 电视 | 飞机 | 火车 | 眼镜 | 雨伞 | 桌子 | 衣服 | 房子 | "
        "机器人"
    ),
    "topic": listed(
        "重力 | 光合作用 | 黑洞 | 通货膨胀 | 民主 | 进化 | 电 | 互联网 | 基因 | 疫苗 | 量子力学 | 气候变化 | 火山 | "
        "股票 | 人工智能 | 大脑 | 哲学 | 佛教 | 文艺复兴 | 区块链"
    ),
    "idea": listed(
        "爱情 | 友谊 | 自由 | 幸福 | 春天 | 秋天 | 月亮 | 大海 | 雪 | 雨 | 故乡 | 梦想 | 时间 | 母亲 | 音乐 | 孤独 | "
        "金钱 | 生活"
    ),
    "animal": listed(
        "猫 | 狗 | 鸟 | 蜜蜂 | 蚂蚁 | 鲸鱼 | 大象 | 狮子 | 老虎 | 熊猫 | 马 | 牛 | 蛇 | 青蛙 | 蜘蛛 | 企鹅 | 鲨鱼 | "
        "猴子"
    ),
    "food": listed(
        "饺子 | 面条 | 米饭 | 火锅 | 豆腐 | 包子 | 蛋糕 | 面包 | 咖啡 | 披萨 | 红烧肉 | 宫保鸡丁 | 汤 | 沙拉 | 月饼"
    ),
    "quality": listed(
        "大 | 小 | 好 | 坏 | 贵 | 便宜 | 快 | 慢 | 热 | 冷 | 高兴 | 难过 | 累 | 漂亮 | 危险 | 聪明 | 蓝 | 红 | 甜 | "
        "健康"
    ),
    "act": listed("修理 | 学习 | 买 | 卖 | 打扫 | 画 | 写 | 打开 | 保护 | 喜欢 | 忘记 | 发明 | 制造 | 理解"),
    "job": listed("老师 | 医生 | 律师 | 厨师 | 歌手 | 画家 | 警察 | 司机 | 工程师 | 科学家 | 老板 | 皇帝 | 作家"),
    "name": listed("小明 | 小红 | 小李 | 小王 | 张三 | 李四 | 我妈妈 | 我朋友 | 我老板 | 王芳"),
    "language": listed("英语 | 法语 | 德语 | 日语 | 韩语 | 西班牙语 | 俄语 | 阿拉伯语 | 拉丁语"),
    "code": listed("Python | Java | C++ | JavaScript | Rust | SQL | HTML"),
    "ill": listed("感冒 | 发烧 | 头痛 | 咳嗽 | 失眠 | 胃痛 | 过敏 | 牙痛"),
    "word": listed("画蛇添足 | 守株待兔 | 缘分 | 江湖 | 内卷 | 勤奋 | 美丽 | 高兴 | 自相矛盾 | 破釜沉舟"),
    "brand": listed("苹果 | 华为 | 小米 | 腾讯 | 阿里巴巴 | 特斯拉 | 谷歌 | 微软 | 丰田 | 耐克"),
}
WORLD = lined("""
{land}的首都是哪里？
{land}的首都是什么？
{land}在哪里？
{land}有多少人口？
{land}说什么语言？
{land}的总统是谁？
{city}今天天气怎么样？
明天{city}会下雨吗？
{city}有什么好玩的？
从{city}到{city}有多远？
{city}属于哪个国家？
{person}是谁？
{person}是哪一年出生的？
{person}做过什么？
介绍一下{person}。
《{work}》是谁写的？
《{work}》讲了什么？
总结一下《{work}》。
{year}年发生了什么？
{year}年的世界杯谁赢了？
什么是{topic}？
{topic}是什么意思？
解释一下{topic}。
{topic}为什么重要？
{topic}是怎么回事？
{thing}是谁发明的？
{thing}是怎么工作的？
一台{thing}多少钱？
{animal}吃什么？
{animal}能活多久？
{animal}为什么{quality}？
一只{animal}有几条腿？
{animal}有多少颗牙齿？
{animal}和{animal}哪个更快？
{land}和{land}哪个更大？
“{word}”是什么意思？
用“{word}”造句。
“{word}”的反义词是什么？
“{word}”的近义词有哪些？
{word}的拼音是什么？
{brand}的老板是谁？
{brand}是哪一年成立的？
欧洲有多少个国家？
天空为什么是蓝色的？
月亮离我们有多远？
现在几点了？
今天星期几？
今天是几号？
{year}年的春节是哪一天？
{person}出生那天是星期几？
{number}的平方根是多少？
{number}的百分之{small}是多少？
{number}是质数吗？
解方程 x + {small} = {number}。
{digit}的{digit}次方是多少？
半径是{small}的圆的面积是多少？
证明勾股定理。
{number}美元等于多少人民币？
{food}有多少卡路里？
""")
DOING = lined("""
写一首关于{idea}的诗。
写一个关于{animal}的故事。
给{name}写一封信。
写一篇关于{topic}的作文。
讲一个笑话。
讲一个关于{animal}的笑话。
讲个故事吧。
唱一首关于{idea}的歌。
你怎么看{idea}？
你觉得{person}怎么样？
你喜欢{food}吗？
你相信{idea}吗？
你最喜欢什么{thing}？
人生的意义是什么？
{food}怎么做？
给我一个{food}的菜谱。
吃{food}健康吗？
怎么{act}{thing}？
帮我{act}{thing}。
我的{thing}坏了。
我的{animal}不吃东西。
把这句话翻译成{language}。
“{word}”用{language}怎么说？
你会说{language}吗？
怎么学{language}？
用{code}写一个程序。
怎么学{code}？
我的{code}代码为什么报错？
我{ill}了，怎么办？
{ill}吃什么药？
{ill}严重吗？
我很{quality}。
我今天好{quality}啊
好无聊啊
{name}不爱我了。
我应该和{name}结婚吗？
我应该买{thing}吗？
{brand}的股票能买吗？
哪个{thing}最好？
推荐一个{thing}。
推荐一部电影。
怎么当{job}？
{job}一个月赚多少钱？
{job}做什么工作？
帮我定一个{digit}点的闹钟。
给{name}打电话。
播放{person}的歌。
订一张去{city}的机票。
把灯关了。
画一只{quality}{animal}。
我叫什么名字？
总结这段话：{name}去了{city}，买了一个{quality}的{thing}。
改正这个句子的错误：我{act}了{thing}了{quality}。
帮我计划去{land}的旅行。
假装你是一个{job}。
为什么{job}这么{quality}？
{animal}会{act}{thing}吗？
{idea}
{city}
{land}{food}
{thing}{quality}{act}
为什么
然后呢
{gibberish}
{invented}是什么？
""")
FRAMES = lined("""
为什么{animal}要{act}{thing}？
为什么{name}不{act}{thing}？
为什么{idea}很{quality}？
{name}可以{act}{thing}吗？
{job}需要{act}{thing}吗？
{person}喜欢{animal}吗？
{person}去过{land}吗？
谁能{act}{thing}？
谁最{quality}？
哪个{job}最{quality}？
哪种{animal}最{quality}？
{land}的{thing}{quality}吗？
{land}的{animal}多吗？
{city}的{food}好吃吗？
{idea}和{idea}有什么区别？
{topic}和{topic}有什么关系？
{quality}的反义词是什么？
如果{animal}会{act}{thing}，会怎么样？
如果没有{topic}，世界会怎么样？
怎样才能{quality}一点？
在{city}哪里可以买{thing}？
什么时候{act}{thing}最好？
我想{act}{thing}。
我不想{act}{thing}了。
我觉得{name}很{quality}。
{name}很{quality}，我该怎么办？
{name}和{name}想去{land}，应该带什么？
说说{idea}。
谈谈你对{topic}的看法。
描述一下{city}的{idea}。
{animal}{act}{thing}
{quality}的{animal}
{idea}还是{idea}？
{person}写过多少本书？
{land}有多少{animal}？
{city}有多少家医院？
{work}有多少字？
把{land}、{land}和{land}按大小排列。
{thing}有多重？
{animal}有多高？
""")
CHINESE = (WORLD, DOING, FRAMES)
CHINESE_FAR = lined("""
{act}{thing}违法吗？
房东可以赶我走吗？
什么时候种西红柿？
多久给仙人掌浇一次水？
象棋里马怎么走？
我是什么星座？
怎么织围巾？
""")
