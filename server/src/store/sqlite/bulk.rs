//! Many values in one parameter.

/// Texts as a JSON array, for `json_each`.
pub(super) fn json_list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<serde_json::Value> = texts.into_iter().map(|text| text.as_ref().into()).collect();
    serde_json::Value::Array(texts).to_string()
}
