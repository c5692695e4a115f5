"""The Chinese words of the plot `flow`; see `wording`."""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.stories.wording import Wording

CHINESE = Wording(
    have=listed(
        "{p}有{n}。 | {p}有{n}。 | {p}原来有{n}。 | {p}一开始有{n}。 | {p}买了{n}。 | {p}家里有{n}。 | {p}手里有{n}。"
    ),
    have_rows=listed(
        "{p}有{k}盒{thing}，每盒{m}{c}。 | {p}买了{k}袋{thing}，每袋有{m}{c}。 | 每盒有{m}{c}{thing}，{p}有{k}盒。"
    ),
    does={
        "get": listed(
            "又买了{n} | 又得到{n} | 捡到{n} | 又拿了{n} | 赢了{n} | 从{q}那里得到{n} | 又找到{n} | 再买{n} "
            "| 又带来{n} | 又做了{n}"
        ),
        "lose": listed(
            "给了{q}{n} | 丢了{n} | 用了{n} | 卖了{n} | 送给{q}{n} | 弄坏了{n} | 借给{q}{n} | 送出{n} | 用掉{n}"
        ),
        "eat": listed("吃了{n} | 吃掉{n}"),
        "hold": listed("又买了{k}盒，每盒{m}{c} | 又得到{k}袋，每袋{m}{c}"),
        "drop": listed("给了{k}个朋友每人{m}{c} | 卖了{k}盒，每盒{m}{c}"),
        "half": listed("送出了一半 | 给了{q}一半 | 用了一半 | 卖了一半"),
    },
    happens={
        "get": listed("{q}给了{they}{n}。 | {q}又送给{they}{n}。 | 妈妈又给{they}{n}。 | 哥哥给了{they}{n}。"),
        "lose": listed("{q}拿走了{n}。 | 坏了{n}。 | {q}借走了{n}。"),
        "double": listed("第二天数量变成了原来的2倍。"),
        "triple": listed("一周后数量变成了原来的3倍。"),
        "half": listed("{q}拿走了一半。"),
    },
    links=listed("然后 | 后来 | 接着"),
    comma="，",
    joint="，",
    asks=listed(
        "{p}现在有几{c}{thing}？ | 现在有多少{c}{thing}？ | {p}还剩多少{c}？ | 还剩几{c}{thing}？ "
        "| {p}现在有多少{c}{thing}？"
        "| 最后有多少{c}？ | {p}一共有多少{c}{thing}？ | 现在有几{c}？ | {they}现在有多少{c}？"
    ),
    replies=("现在{p}有{n}{c}。", "现在有{n}{c}。"),
    shares=(
        (
            listed("平均分给{k}个朋友 | 把{thing}平均分给{k}个人"),
            listed("每人有几{c}？ | 每人得到多少{c}？ | 每人分到几{c}？"),
            "每人{n}{c}。",
        ),
        (
            listed("平均放进{k}个盒子 | 把{thing}平均装进{k}个盒子"),
            listed("每盒有几{c}？ | 每个盒子有多少{c}{thing}？"),
            "每盒{n}{c}。",
        ),
    ),
)
