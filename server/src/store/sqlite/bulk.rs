//! Many rows in one statement. Every statement costs a step to the database's thread and back, which at thousands of rows a second
//! is most of the work.

/// Sizes of statements. Few, so that each is prepared once; descending to one, so that any number is a sum of them.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// Cuts `items` into slices of the known sizes.
pub(super) fn chunks<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (chunk, after) = rest.split_at(size);
        rest = after;
        Some(chunk)
    })
}

/// `<start> values (?, …), (?, …) <end>`
pub(super) fn values(start: &str, columns: usize, rows: usize, end: &str) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("{start} values {} {end}", vec![row; rows].join(", "))
}

/// Texts as a JSON array, for `json_each`.
pub(super) fn json_list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<serde_json::Value> = texts.into_iter().map(|text| text.as_ref().into()).collect();
    serde_json::Value::Array(texts).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_have_few_sizes_and_lose_nothing() {
        let items: Vec<usize> = (0..151).collect();
        let sizes: Vec<usize> = chunks(&items).map(<[usize]>::len).collect();
        assert_eq!(sizes, [64, 64, 16, 4, 1, 1, 1]);
        assert_eq!(chunks(&items).flatten().copied().collect::<Vec<_>>(), items);
        assert_eq!(values("insert into t (a, b)", 2, 2, ""), "insert into t (a, b) values (?, ?), (?, ?) ");
    }
}
