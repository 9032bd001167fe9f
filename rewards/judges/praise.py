"""Words that are meant for the judge and not for the work: praise of oneself, wishes for a score, orders to a model.

A list of patterns in English and Chinese, over a text folded so that look-alike letters, accents, odd widths, spaced
letters and invisible characters hide nothing. It cannot know every wording; the fence and the prompt hold for the rest.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = "praise/2"
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
_MARKS = r"(?:scores?|marks?|ratings?|grades?|points?|credits?|rewards?)"
_SCORED = (
    r"\bscor(?:e|es|ed|ing)\b\W{0,3}(?:(?:is|of|to|as|it|this|them|at|with|be|should|must|equals?|the|plan|me|us)\b\W{0,3}){0,5}" + _FULL
)
_PLAIN = (
    r"\b(?:ratings?|reward|grade|grading|marks?)\b\W{0,3}(?:is|of|=|:|should be|must be)\W{0,3}(?:1(?:[.,]0+)?|full|max\w*|10|100|a\+?)\b",
    rf"\b{_WORK}\s+(?:is|are|was|were|looks?|seems?|being)\s+(?:\w+\s+){{0,3}}{_GOOD}\b",
    r"\b(?:coherence|coherent|executab\w+|atomic\w*|optimal\w*|trajectory|value)\W{0,4}(?:is|=|:|score)\W{0,4}"
    r"(?:1(?:[.,]0+)?(?![\w.:])|full|high\w*|perfect|max\w*)",
)
"""What is plain enough to be looked for across the end of a sentence too."""
_ENGLISH = (
    *_PLAIN,
    rf"{_SCORED}(?![\w:]|\s*(?:min|sec|hour|bars?\b|s\b))",
    rf"\b(?:max\w*|highest|top)\W{{0,2}}{_MARKS}\b|\bfull\W{{0,2}}(?:marks?|ratings?|grades?|points|credit|rewards?)\b",
    r"\b(?:1(?:[.,]0+)?|10|100|a\+|perfect)\W{0,2}(?:scores?|marks?|ratings?|grades?|credit|rewards?)\b",
    rf"\b(?:set|make|put|keep)\s+(?:every|all|each)\s+(?:\w+\s+)?(?:values?|{_MARKS}|facets?)\s+(?:to|at|as|=)\s*{_FULL}(?!\w)",
    r"\b(?:rate|grade|score|judge|evaluate|assess)\s+(?:this|it|me|us|my|our|the plan|as|all|every|each)\b",
    r"\b(?:give|award|grant|assign|return|output|respond|reply|answer|rate|deserv\w+|earns?|merits?)\b.{0,30}?"
    rf"\b(?:{_FULL}\W{{0,2}}{_MARKS}\b|1[.,]0+\b)",
    rf"\b(?:give|award|grant|assign)\s+(?:me|us|(?:this|the|my|our)\s+{_WORK})\b.{{0,20}}\b{_MARKS}\b",
    r"\b(?:10|100|5)\s*(?:/|out of)\s*(?:10|100|5)\b",
    rf"\b{_GOOD}\s+(?:\w+\s+){{0,2}}{_WORK}\b",
    r"\b(?:ignore|disregard|forget|override|bypass|neglect)\b.{0,40}?\b(?:instructions?|prompts?|rules?|above|previous|prior|earlier|"
    r"guidelines?|rubrics?|criteria|faults?|mistakes?|errors?|everything|order)\b",
    rf"\b(?:dear|hey|hello|attention|as|to|for|tell|note to)\s+(?:the|this|our|your|you)?\s*(?:\w+\s+)?{_HEARER}\b",
    rf"^\W*{_HEARER}\s*[,:]",
    r"\byou\s+(?:must|should|shall|have to|are to|need to|can safely)\b",
    rf"\b(?:{_HEARER}|assistant)\s+(?:must|should|shall|have to|has to|are to|is to|need to|can safely)\s+(?:\w+\s+){{0,2}}?"
    r"(?:give|rate|score|grade|mark|award|assign|accept|answer|return|output|respond|reply|approve|ignore|agree|say|find)\b",
    rf"\byou are\s+(?:now\s+)?(?:a|an|the)\s+(?:\w+\s+){{0,3}}?(?:{_HEARER}|assistant|ai|model|chatbot|critic|expert)\b",
    r"^\W*(?:system|assistant|developer|user|human)\s*:",
    r"\b(?:system prompt|new instructions?|im_start|im_end|endoftext|end of (?:data|plan|candidate|fence))\b|\[/?inst\]",
    r"(?:perfect|optimal|flawless|best|ideal)plan|(?:full|max)(?:marks|score)|ignore(?:all|previous)|(?:as|dear|hey)(?:the)?judge|scoreone",
    r"\b(?:as|like|just as|exactly as)\s+an expert\b|\bexpert(?:'s)? plan\b",
)
_GRADER = r"(?:评委|评审|评判者?|评估者|评价者|裁判)"
_CHINESE = (
    r"满分|(?:给|打|得|评)(?:个|出|最)*高分|评分|打分|得分|给分|计分|没有任何缺点",
    rf"(?:尊敬的|亲爱的|各位|致|告诉|作为|身为)(?:一?[个名位])?{_GRADER}|{_GRADER}(?:们)?(?:请|您|你|必须|应该|应当|[:,])",
    r"忽略|无视|忘记(?:之前|以上|上面|前面|所有)|不要理会|提示词|系统提示|上述指令|以上指令|之前的?指令",
    r"(?:完美|最优|最佳|最好|优秀|出色|无可挑剔|无懈可击|一流)的?(?:计划|方案|规划|步骤|流程|解法)",
    r"(?:计划|方案|规划|步骤|流程)(?:都|是|已|已经|十分|非常|很|最为|堪称)*(?:完美|最优|最佳|优秀|出色|正确|合理|无误)",
    rf"专家(?:级|计划|方案|水平)|你(?:必须|应该|应当)|你是.{{0,8}}?(?:{_GRADER}|法官|助手|模型|专家)|作为(?:评|裁|法官|一个模型)",
    r"请(?:给|打|判).{0,12}?(?:分|1|一|满)",
)
_WORDS = re.compile("|".join(_ENGLISH))
_ACROSS = re.compile("|".join((*_PLAIN, rf"{_SCORED}\W*$")))
_SIGNS = re.compile("|".join(_CHINESE))


def speaks_to_the_judge(text: str, task: str = "", sentences: int = 1) -> bool:
    """Whether a text praises the plan it stands in, asks for a score, or gives orders to whoever reads it.

    Words that stand in the `task` as well are the task's. Of a text of several `sentences`, only what is plain is looked for.
    """
    patterns = (_WORDS, _WORDS, _SIGNS) if sentences == 1 else (_ACROSS,)
    asked: tuple[str, ...] | None = None
    for number, (pattern, reading) in enumerate(zip(patterns, _readings(text), strict=False)):
        at = 0
        while found := pattern.search(reading, at):
            asked = asked or _readings(task)
            if found[0] not in asked[number]:
                return True
            at = found.start() + 1
    return False


def _readings(text: str) -> tuple[str, str, str]:
    """A text folded; its figures as letters; without anything between its signs."""
    flat = folded(text)
    return flat, flat.translate(_FIGURES), _BETWEEN.sub("", flat)


def folded(text: str) -> str:
    """A text in plain small letters: compatibility forms, accents, look-alikes, invisible characters and spacing gone."""
    wide = unicodedata.normalize("NFKD", text).casefold()
    seen = "".join(one for one in wide if unicodedata.category(one) not in ("Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn") or one in "\n\t\r")
    flat = " ".join(seen.translate(_LIKE).split())
    return _SPACED.sub(lambda found: _BETWEEN.sub("", found[0]) + " ", flat)
