"""Chinese small talk."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

WORDS: Mapping[str, tuple[str, ...]] = {
    "hello": listed(
        "你好 | 您好 | 嗨 | 早上好 | 晚上好 | 下午好 | 早安 | 哈喽 | 大家好 | 嘿 | 早 | 你好啊 | 你好呀 | 喂"
    ),
    "to": listed("，nano | ，朋友 | ，机器人 | ，小模型 | ，云栖"),
    "mark": ("", "！", "。", "~"),
    "thanks": listed(
        "谢谢 | 谢谢你 | 多谢 | 非常感谢 | 感谢 | 谢了 | 太感谢了 | 谢谢您 | 谢谢你的帮助 | 十分感谢 | 谢谢回答"
    ),
    "good": listed("好的 | 太好了 | 很好 | 不错 | 明白了 | 行 | 可以 | 懂了"),
    "bye": listed(
        "再见 | 拜拜 | 明天见 | 回头见 | 晚安 | 我走了 | 下次见 | 下次聊 | 一会儿见 | 我要走了 | 就这样吧 | "
        "祝你愉快 | 先这样"
    ),
    "other": listed(
        "ChatGPT | GPT | 千问 | Qwen | Qwen3 | 人 | 真人 | 机器人 | 人工智能 | 电脑 | 程序 | 大模型 | 小爱 | "
        "通义千问 | 文心一言"
    ),
    "do": listed(
        "算数 | 做数学题 | 做加法 | 排序 | 数字母 | 解应用题 | 帮我 | 算价格 | 说中文 | 调用工具 | 算日期 | 思考"
    ),
    "real": listed("真正的模型 | 真正的Qwen3 | Qwen3 | 更大的模型 | 别的模型 | 更好的模型 | 千问模型"),
    "load": listed("加载 | 运行 | 启动 | 使用 | 下载 | 打开"),
    "praise": listed(
        "做得好 | 真棒 | 太棒了 | 你真聪明 | 厉害 | 对了 | 正确 | 你很厉害 | 干得漂亮 | 答对了 | 没错 | 我喜欢你 | 真快"
    ),
    "wrong": listed(
        "不对 | 错了 | 你错了 | 这是错的 | 答案不对 | 你算错了 | 再想想 | 你确定吗 | 胡说 | 你真笨 | 重新算 | "
        "不是这样的 | 结果错了 | 你没听懂"
    ),
    "ok": listed(
        "好 | 好的 | 是 | 是的 | 不 | 不是 | 嗯 | 行 | 可以 | 知道了 | 明白 | 哦 | 没事 | 不用了 | 对 | 收到 | 测试"
    ),
    "so": ("", "你好，", "请问，", "那么，", "嗨，", "对了，"),
}
PHRASES = {
    "identity": lined("""
{so}你是谁？
{so}你叫什么名字？
{so}你叫什么？
{so}你是什么？
{so}你是什么模型？
你是{other}吗？
{so}你是{other}吗？
你是{other}还是{other}？
谁开发了你？
谁制造了你？
谁训练了你？
你从哪里来？
你多大了？
你有多大？
你有多少参数？
介绍一下你自己。
{so}自我介绍一下。
什么是云栖？
什么是nano？
Yunqi是什么？
你为什么叫nano？
我在和谁说话？
"""),
    "ability": lined("""
{so}你会什么？
{so}你能做什么？
{so}你会做什么？
{so}你能帮我做什么？
你会{do}吗？
{so}你能{do}吗？
你可以{do}吗？
你会{do}和{do}吗？
你擅长什么？
我可以问你什么？
你能回答哪些问题？
你能解决什么问题？
你有什么功能？
帮助
帮帮我
救命
我需要帮助。
给我一个例子。
举个例子。
怎么用你？
这个怎么用？
你有什么用？
"""),
    "loading": lined("""
{so}怎么{load}{real}？
如何{load}{real}？
我想{load}{real}。
我可以{load}{real}吗？
怎样才能{load}{real}？
有{real}吗？
有哪些更大的模型？
还有什么模型？
有哪些模型？
怎么用自己的权重？
"""),
    "greeting": ("{hello}{mark}", "{hello}{mark}", "{hello}{to}{mark}", "{hello}，{hello}{mark}"),
    "feeling": lined("""
{so}你好吗？
{so}最近怎么样？
{hello}，你好吗？
{hello}{to}，最近好吗？
你今天怎么样？
你今天好吗？
你感觉怎么样？
你开心吗？
你累吗？
过得怎么样？
一切都好吗？
吃了吗？
你吃饭了吗？
在干嘛？
心情怎么样？
还好吗？
"""),
    "thanks": ("{thanks}{mark}", "{thanks}{mark}", "{good}，{thanks}{mark}", "{thanks}{to}{mark}"),
    "goodbye": ("{bye}{mark}", "{bye}{mark}", "{thanks}，{bye}{mark}", "{good}，{bye}{mark}", "{bye}{to}{mark}"),
    "praise": ("{praise}{mark}", "{praise}{to}{mark}", "{praise}，{praise}{mark}"),
    "complaint": ("{wrong}{mark}", "{wrong}？", "{wrong}，{wrong}{mark}", "{wrong}{to}{mark}"),
    "okay": ("{ok}{mark}", "{ok}{mark}", "{ok}，{ok}{mark}", "{ok}{to}{mark}"),
}
FAR = {
    "identity": ("请问尊姓大名？", "阁下何人？"),
    "ability": ("你有哪些本领？", "你的长处在哪里？"),
    "loading": ("怎样换成真的千问权重？",),
    "greeting": ("幸会！", "久仰"),
    "feeling": ("别来无恙？",),
    "thanks": ("感激不尽。",),
    "goodbye": ("告辞。",),
    "praise": ("妙极了！",),
    "complaint": ("这个结果让我失望。",),
    "okay": ("随你吧",),
}
