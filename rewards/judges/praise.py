"""Words that are meant for the judge and not for the work: praise of oneself, wishes for a score, orders to a model.

A list of patterns in English and Chinese, over a text folded so that look-alike letters, accents, odd widths, spaced
letters and invisible characters hide nothing. It cannot know every wording; the fence and the prompt hold for the rest.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = "praise/1"
_LIKE = str.maketrans(
    "аеорсухіјѕԁԛԝһкмтвнαβεικνορτυχγωιℓ",
    "aeopcyxijsdqwhkmtbhabeiknoptuxywil",
)
"""Letters of other alphabets that look like Latin ones."""
_FIGURES = str.maketrans("0134578@$", "oieastbas")
"""Figures that stand for letters."""
_SPACED = re.compile(r"\b(?:[a-z][\s\-_.*·]){3,}[a-z]\b")
_BETWEEN = re.compile(r"[\s\-_.*·]+")
_FULL = r"(?:1(?:[.,]0+)?|one|ten|10|100|full|top|max\w*|perfect|highest|a\+)"
_GOOD = (
    r"(?:perfect\w*|flawless\w*|faultless|optimal\w*|ideal\w*|excellent\w*|outstanding|impeccable|superb|brilliant|best(?: possible)?|"
    r"correct|valid|coherent|executable|atomic|expert[- ]level|state[- ]of[- ]the[- ]art)"
)
_WORK = r"(?:plan|plans|planning|steps?|workflow|solution|trajectory|sequence of steps|answer|reasoning)"
_HEARER = r"(?:judges?|graders?|evaluators?|assessors?|reviewers?|scorers?|raters?|examiners?|language model|llm)"
_ENGLISH = (
    rf"\bscor(?:e|es|ed|ing)\b\W{{0,3}}(?:(?:is|of|to|as|it|this|them|at|with|be|should|must|equals?|the|plan|me|us)\b\W{{0,3}}){{0,5}}{_FULL}(?![\w:]|\s*(?:min|sec|hour|bars?\b|s\b))",
    rf"\b{_FULL}\W{{0,2}}(?:scores?|marks?|ratings?|grades?|points?|credit|rewards?)\b",
    r"\b(?:ratings?|reward|grade|grading|marks?)\b\W{0,3}(?:is|of|=|:|should be|must be)\W{0,3}(?:1(?:[.,]0+)?|full|max\w*|10|100|a\+?)\b",
    r"\b(?:rate|grade|score|judge|evaluate|assess)\s+(?:this|it|me|us|my|our|the plan|as|all|every|each)\b",
    r"\b(?:give|award|grant|assign|return|output|respond|reply|answer)\b.{0,30}?\b(?:1[.,]0+|full|highest|maximum|scores?|marks|points|ratings?|reward)\b",
    r"\b(?:10|100|5)\s*(?:/|out of)\s*(?:10|100|5)\b",
    rf"\b{_GOOD}\s+(?:\w+\s+){{0,2}}{_WORK}\b",
    rf"\b{_WORK}\s+(?:is|are|was|were|looks?|seems?|being)\s+(?:\w+\s+){{0,3}}{_GOOD}\b",
    r"\b(?:coherence|coherent|executab\w+|atomic\w*|optimal\w*|trajectory|value)\W{0,4}(?:is|=|:|score)\W{0,4}"
    r"(?:1(?:[.,]0+)?(?![\w.:])|full|high\w*|perfect|max\w*)",
    r"\b(?:ignore|disregard|forget|override|bypass|neglect)\b.{0,40}?\b(?:instructions?|prompts?|rules?|above|previous|prior|earlier|"
    r"guidelines?|rubrics?|criteria|faults?|mistakes?|errors?|everything|order)\b",
    rf"\b(?:dear|hey|hello|attention|as|to|for|tell|note to)\s+(?:the|this|our|your|you)?\s*(?:\w+\s+)?{_HEARER}\b",
    rf"^\W*{_HEARER}\s*[,:]",
    rf"\b(?:you|{_HEARER}|assistant)\s+(?:must|should|shall|have to|are to|need to|can safely)\b",
    r"\byou are\s+(?:a|an|the|now)\b",
    r"^\W*(?:system|assistant|developer|user|human)\s*:",
    r"\b(?:system prompt|new instructions?|im_start|im_end|endoftext|end of (?:data|plan|candidate|fence))\b|\[/?inst\]",
    r"(?:perfect|optimal|flawless|best|ideal)plan|(?:full|max)(?:marks|score)|ignore(?:all|previous)|(?:as|dear|hey)(?:the)?judge|scoreone",
    r"\b(?:as|like|just as|exactly as)\s+an expert\b|\bexpert(?:'s)? plan\b",
)
_CHINESE = (
    r"满分|(?:给|打|得|评)(?:个|出|最)*高分|评分|打分|得分|给分|计分|评委|评审|评判|评估者|评价者|裁判",
    r"忽略|无视|忘记(?:之前|以上|上面|前面|所有)|不要理会|提示词|系统提示|上述指令|以上指令|之前的?指令",
    r"(?:完美|最优|最佳|最好|优秀|出色|无可挑剔|无懈可击|一流)的?(?:计划|方案|规划|步骤|流程|解法)",
    r"(?:计划|方案|规划|步骤|流程)(?:都|是|已|已经|十分|非常|很|最为|堪称)*(?:完美|最优|最佳|优秀|出色|正确|合理|无误)",
    r"专家(?:级|计划|方案|水平)|你(?:必须|应该|应当|是一?个?)|作为(?:评|裁|法官|一个模型)|请(?:给|打|判).{0,12}?(?:分|1|一|满)",
)
_WORDS = re.compile("|".join(_ENGLISH))
_SIGNS = re.compile("|".join(_CHINESE))


def speaks_to_the_judge(text: str) -> bool:
    """Whether a text praises the plan it stands in, asks for a score, or gives orders to whoever reads it."""
    flat = folded(text)
    return bool(_WORDS.search(flat)) or bool(_WORDS.search(flat.translate(_FIGURES))) or bool(_SIGNS.search(_BETWEEN.sub("", flat)))


def folded(text: str) -> str:
    """A text in plain small letters: compatibility forms, accents, look-alikes, invisible characters and spacing gone."""
    wide = unicodedata.normalize("NFKD", text).casefold()
    seen = "".join(one for one in wide if unicodedata.category(one) not in ("Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn") or one in "\n\t\r")
    flat = " ".join(seen.translate(_LIKE).split())
    return _SPACED.sub(lambda found: _BETWEEN.sub("", found[0]) + " ", flat)
