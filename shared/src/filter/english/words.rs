//! A text taken apart: words in lower case, quoted texts whole, commas and comparisons by themselves.

/// A word with how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, without what ends a sentence.
    pub(super) text: String,
    /// As it was written.
    pub(super) raw: String,
    /// It stood in quotes.
    pub(super) quoted: bool,
    /// Characters before it.
    pub(super) offset: usize,
}

/// Quotes and what closes them.
const QUOTES: [(char, char); 4] = [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’')];

pub(super) fn words(text: &str) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut place = 0;
    while let Some(&c) = chars.get(place) {
        let begin = place;
        let closing = QUOTES.iter().find(|(open, _)| *open == c).map(|(_, close)| *close);
        let end = closing.and_then(|close| chars[place + 1..].iter().position(|c| *c == close).map(|n| place + 1 + n));
        if let Some(end) = end {
            let raw: String = chars[place + 1..end].iter().collect();
            words.push(Word { text: raw.to_lowercase(), raw, quoted: true, offset: begin });
            place = end + 1;
            continue;
        }
        if c.is_whitespace() {
            place += 1;
            continue;
        }
        let comparison = |c: char| matches!(c, '<' | '>' | '=' | '!' | '≥' | '≤');
        let digit = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(char::is_ascii_digit);
        place += 1;
        if comparison(c) {
            place += usize::from(chars.get(place) == Some(&'='));
        } else if c != ',' {
            while let Some(&c) = chars.get(place) {
                // 1,000 is a number.
                let grouped = c == ',' && digit(Some(place + 1)) && digit(place.checked_sub(1));
                if c.is_whitespace() || comparison(c) || (c == ',' && !grouped) {
                    break;
                }
                place += 1;
            }
        }
        let raw: String = chars[begin..place].iter().collect();
        let raw = raw.trim_end_matches(['.', '?', ';', ':']).replace('’', "'");
        if !raw.is_empty() && raw != "!" {
            words.push(Word { text: raw.to_lowercase(), raw, quoted: false, offset: begin });
        }
    }
    words
}
