//! Words that fill a slot, as patterns of words (`a|b c?`) with what each stands for in the expression.

pub(super) const COMPARISONS: [(&str, &str); 42] = [
    ("is|are|was above", ">"),
    ("is|are|was over", ">"),
    ("is|are|was below", "<"),
    ("is|are|was under", "<"),
    ("is|are|was more|greater|higher|larger|bigger|better than", ">"),
    ("is|are|was less|lower|smaller|fewer|worse than", "<"),
    ("is|are|was at least", ">="),
    ("is|are|was at most", "<="),
    ("is|are|was not|never above|over", "<="),
    ("is|are|was not|never below|under", ">="),
    ("is|are|was exactly|equal", "="),
    ("is|are|was equal to", "="),
    ("is|are|was not", "!="),
    ("is|are|was", "="),
    ("above", ">"),
    ("over", ">"),
    ("exceeds|exceeding|exceeded", ">"),
    ("more|greater|higher|larger|bigger|better than", ">"),
    (">", ">"),
    ("below", "<"),
    ("under", "<"),
    ("less|lower|smaller|fewer|worse than", "<"),
    ("<", "<"),
    ("at least", ">="),
    ("no less|fewer than", ">="),
    ("not below|under", ">="),
    (">=", ">="),
    ("≥", ">="),
    ("at most", "<="),
    ("up to", "<="),
    ("no more than", "<="),
    ("not above|over", "<="),
    ("<=", "<="),
    ("≤", "<="),
    ("exactly", "="),
    ("equal|equals to", "="),
    ("equals|equal", "="),
    ("=", "="),
    ("==", "="),
    ("of", "="),
    ("!=", "!="),
    ("isn't", "!="),
];

pub(super) const LONGER: [(&str, &str); 9] = [
    ("longer|more than", ">"),
    ("over|above", ">"),
    ("at least", ">="),
    ("shorter|less|fewer than", "<"),
    ("under|below", "<"),
    ("at most", "<="),
    ("up to", "<="),
    (">", ">"),
    ("<", "<"),
];

pub(super) const CONTAINS: [(&str, &str); 4] = [
    ("contains|contain|containing|contained", ""),
    ("includes|include|including|included", ""),
    ("has|have|with the text|string|phrase", ""),
    ("matching|matches|like", ""),
];

pub(super) const MENTIONS: [(&str, &str); 7] = [
    ("mentions|mention|mentioning|mentioned", ""),
    ("about|regarding|concerning", ""),
    ("says|say|saying|said", ""),
    ("talk|talks|talking about", ""),
    ("has|have|with|containing|contains the? word|words", ""),
    ("refer|refers|referring to", ""),
    ("asks|ask|asking about|for", ""),
];

pub(super) const DIFFERS: [(&str, &str); 5] = [
    ("differ|differs|differed|differing", ""),
    ("disagree|disagrees|disagreed|disagreeing", ""),
    ("do|does|did not agree|match", ""),
    ("don't|doesn't|didn't agree|match", ""),
    ("are|is different|apart", ""),
];

pub(super) const SIDES: [(&str, &str); 9] = [
    ("input|inputs", "input"),
    ("question|questions", "input"),
    ("prompt|prompts", "input"),
    ("output|outputs", "output"),
    ("answer|answers|response|responses|reply|replies|completion|completions", "output"),
    ("expected output|answer|value", "expected"),
    ("expected", "expected"),
    ("label|labels", "expected"),
    ("metadata", "metadata"),
];

pub(super) const KINDS: [(&str, &str); 11] = [
    ("llm|llms|model|models", "'llm'"),
    ("tool|tools", "'tool'"),
    ("function|functions", "'function'"),
    ("task|tasks", "'task'"),
    ("score|scores|scorer|scorers|scoring", "'score'"),
    ("eval|evals|evaluation", "'eval'"),
    ("automation|automations", "'automation'"),
    ("review|reviews", "'review'"),
    ("facet|facets", "'facet'"),
    ("classifier|classifiers", "'classifier'"),
    ("preprocessor|preprocessors", "'preprocessor'"),
];

pub(super) const STATUSES: [(&str, &str); 4] = [
    ("none", "'none'"),
    ("awaiting|pending|flagged", "'awaiting'"),
    ("in progress", "'in_progress'"),
    ("complete|completed|done|finished", "'complete'"),
];
