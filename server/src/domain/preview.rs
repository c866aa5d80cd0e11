//! The first words of a payload, for lists. Whatever its size, only its beginning is looked at.

use std::io::{self, Write};

use serde_json::Value;

/// The text on one line, cut to `chars` characters; an ellipsis says that something is missing.
pub fn cut(text: &str, chars: usize) -> String {
    plain_line(text, chars).unwrap_or_else(|| any_line(text, chars))
}

fn any_line(text: &str, chars: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars + 3));
    let mut count = 0;
    for word in text.split_whitespace() {
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        if count + word.len() <= chars && word.is_ascii() && !word.contains('\0') {
            out.push_str(word);
            count += word.len();
            continue;
        }
        for c in word.chars() {
            if count >= chars {
                out.truncate(out.trim_end().len());
                out.pop();
                out.push('…');
                return out;
            }
            // PostgreSQL's texts hold no U+0000; browsers show it like this.
            out.push(if c == '\0' { '\u{fffd}' } else { c });
            count += 1;
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The same for what most texts are: words of ASCII with single spaces between them, which are copied as they are.
fn plain_line(text: &str, chars: usize) -> Option<String> {
    let bytes = text.as_bytes();
    let shown = &bytes[..bytes.len().min(chars)];
    let mut before = b' ';
    for byte in shown {
        if !(b' '..0x7f).contains(byte) || (*byte == b' ' && before == b' ') {
            return None;
        }
        before = *byte;
    }
    let mut line = text[..shown.len()].trim_end().to_owned();
    if !text[shown.len()..].trim_start().is_empty() {
        line.pop();
        line.push('…');
    }
    Some(line)
}

/// What was asked: of a conversation, the last thing that the user said.
pub fn input(value: &Value, chars: usize) -> String {
    let said = messages(value).and_then(|messages| {
        let by_user = messages.iter().rev().find(|message| role(message) == Some("user"));
        by_user.or(messages.last()).and_then(content)
    });
    said.map_or_else(|| plain(value, chars), |text| cut(text, chars))
}

/// What was answered: of a conversation, the last thing said; of a call, the call.
pub fn output(value: &Value, chars: usize) -> String {
    let message = messages(value).and_then(|messages| messages.last()).unwrap_or(value);
    let message = message.get("message").unwrap_or(message);
    if let Some(text) = content(message) {
        return cut(text, chars);
    }
    match message.get("tool_calls").and_then(|calls| calls.get(0)) {
        Some(call) => {
            let function = call.get("function").unwrap_or(call);
            let name = function.get("name").and_then(Value::as_str).unwrap_or("tool");
            let arguments = function.get("arguments").or(function.get("input")).unwrap_or(&Value::Null);
            cut(&format!("{name}({})", plain(arguments, chars)), chars)
        }
        None => plain(value, chars),
    }
}

/// What went wrong, in its own words.
pub fn error(value: &Value, chars: usize) -> String {
    let message = value.get("message").or_else(|| value.get("error")).filter(|message| message.is_string());
    plain(message.unwrap_or(value), chars)
}

/// The messages of a conversation, in the shapes that clients log.
fn messages(value: &Value) -> Option<&Vec<Value>> {
    let list = value.as_array().or_else(|| {
        ["messages", "choices", "input"].iter().find_map(|key| value.get(*key)).and_then(Value::as_array)
    })?;
    list.iter().any(|item| role(item).is_some() || item.get("message").is_some()).then_some(list)
}

fn role(message: &Value) -> Option<&str> {
    message.get("role").and_then(Value::as_str)
}

/// The text of a message; of one in parts, its first text.
fn content(message: &Value) -> Option<&str> {
    let text = match message.get("content")? {
        Value::String(text) => Some(text.as_str()),
        Value::Array(parts) => parts.iter().find_map(|part| part.get("text").and_then(Value::as_str)),
        _ => None,
    };
    text.filter(|text| !text.trim().is_empty())
}

/// A text as it is; anything else as JSON. An object with one text says no more than the text.
fn plain(value: &Value, chars: usize) -> String {
    match value {
        Value::String(text) => cut(text, chars),
        Value::Object(map) if map.len() == 1 && map.values().all(Value::is_string) => {
            map.values().next().and_then(Value::as_str).map_or_else(String::new, |text| cut(text, chars))
        }
        other => {
            // Four bytes a character, and one character more than needed so that the cut shows.
            let mut beginning = Beginning { bytes: Vec::new(), limit: chars * 4 + 8 };
            // It fails on purpose when the beginning is full.
            let _ = serde_json::to_writer(&mut beginning, other);
            cut(&String::from_utf8_lossy(&beginning.bytes), chars)
        }
    }
}

/// Takes the first bytes, then refuses more: a payload of megabytes is not written out for its first words.
struct Beginning {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() >= self.limit {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(self.limit)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conversations_show_what_was_said() {
        let chat = json!([{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Where is\n my order?"},
            {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "find", "arguments": "{}"}}]}]);
        assert_eq!(input(&chat, 240), "Where is my order?");
        assert_eq!(input(&json!({"messages": chat}), 240), "Where is my order?");
        assert_eq!(output(&chat, 240), "find({})");
        assert_eq!(
            output(&json!([{"message": {"role": "assistant", "content": [{"type": "text", "text": "Here"}]}}]), 240),
            "Here"
        );
        assert_eq!(output(&json!({"a": 1, "b": [2]}), 240), r#"{"a":1,"b":[2]}"#);
        assert_eq!(input(&json!({"question": "Why?"}), 240), "Why?");
        assert_eq!(error(&json!({"message": "timed out", "code": 7}), 240), "timed out");
    }

    #[test]
    fn plain_texts_are_cut_like_any_other() {
        for text in [
            "", " ", "a", "a b", "a  b", "abc d ", "abcd", "abcd ", "abcd e", "abc  ", "abcde", "abc\nd", "abcé",
            "a bcd\n",
        ] {
            let plain: Vec<String> = (1..6).filter_map(|chars| plain_line(text, chars)).collect();
            let any = |chars| plain_line(text, chars).map(|_| any_line(text, chars));
            assert_eq!(plain, (1..6).filter_map(any).collect::<Vec<_>>(), "{text:?}");
        }
        assert_eq!(plain_line("where is it", 9), Some("where i…".into()));
    }

    #[test]
    fn previews_are_short_whatever_the_payload() {
        assert_eq!(cut("a b c", 3), "a …");
        assert_eq!(cut("  häßlich  ", 20), "häßlich");
        assert_eq!(cut("abc", 3), "abc");
        let long = json!(vec!["word"; 100_000]);
        assert_eq!(input(&long, 10).chars().count(), 10);
    }
}
