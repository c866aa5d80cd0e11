use serde_json::json;

use super::*;

fn read(text: &[u8], format: Format) -> Vec<(u64, Result<Value, String>)> {
    let table = Table::open(text, format, Cells::Json).expect("a head");
    let map = suggest(&table.columns);
    check(&map).expect("what is suggested is possible");
    table.map(|record| (record.line, record.cells.and_then(|cells| lay_out(cells, &map)).map(Value::Object))).collect()
}

#[test]
fn a_table_is_read_record_by_record_and_a_bad_one_costs_itself() {
    let text = b"\xef\xbb\xbfQuestion,answer,tags,lang\n\"two\nlines\",4,\"a, b\",en\nshort\n\xff,x,,\n,,,en\nlast,\"{\"\"a\"\":1}\",,\n";
    let records = read(text, Format::Csv);
    let expected = [
        (2, Ok(json!({"input": "two\nlines", "expected": 4, "tags": ["a", "b"], "metadata": {"lang": "en"}}))),
        (4, Err("has 1 cell; the first line names 4 columns".to_owned())),
        (5, Err("Question: is no UTF-8".to_owned())),
        (6, Err("has neither input nor expected".to_owned())),
        (7, Ok(json!({"input": "last", "expected": {"a": 1}}))),
    ];
    assert_eq!(records, expected);
}

#[test]
fn records_know_where_they_stand_in_the_file() {
    let text = "input;expected\n\"a;\nb\";c\nd;e";
    let table = Table::open(text.as_bytes(), Format::Csv, Cells::Json).expect("a head");
    let places: Vec<&str> = table.map(|record| &text[record.bytes.0..record.bytes.1]).map(str::trim).collect();
    assert_eq!(places, ["\"a;\nb\";c", "d;e"]);
    let text = "{\"input\":1}\n\n[2]\n{\"input\":3}";
    let table = Table::open(text.as_bytes(), Format::Jsonl, Cells::Json).expect("a head");
    let places: Vec<(u64, &str)> =
        table.map(|record| (record.line, text[record.bytes.0..record.bytes.1].trim())).collect();
    assert_eq!(places, [(1, "{\"input\":1}"), (3, "[2]"), (4, "{\"input\":3}")]);
}

#[test]
fn lines_of_json_are_rows() {
    let text = b"{\"input\": {\"q\": 1}, \"metadata\": {\"a\": 1}, \"score\": 2}\nnope\n[]\n{\"expected\": \"x\", \"metadata\": 3, \"late\": 1}\n";
    let records = read(text, Format::Jsonl);
    assert_eq!(records[0].1, Ok(json!({"input": {"q": 1}, "metadata": {"a": 1, "score": 2}})));
    assert!(records[1].1.as_ref().is_err_and(|why| why.starts_with("is no JSON")), "{records:?}");
    assert!(records[2].1.as_ref().is_err_and(|why| why.starts_with("is no object")), "{records:?}");
    assert_eq!(records[3].1, Err("metadata: is no object, so metadata.late cannot be a part of it".to_owned()));
}

#[test]
fn texts_stay_texts_where_that_is_asked() {
    let table = Table::open(b"input,expected\n42,true\n'=1,\n", Format::Csv, Cells::Text).expect("a head");
    let cells: Vec<_> = table.map(|record| record.cells.expect("cells")).collect();
    assert_eq!(cells[0][0].1, json!("42"));
    assert_eq!(cells[1], [("input".to_owned(), json!("=1")), ("expected".to_owned(), json!(null))]);
}

#[test]
fn heads_and_maps_that_cannot_be_are_refused_in_words() {
    let open = |text: &'static str| Table::open(text.as_bytes(), Format::Csv, Cells::Json).err();
    assert!(open("a,b,a\n1,2,3").is_some_and(|why| why.contains("\"a\" twice")));
    assert!(open("").is_some_and(|why| why.contains("no columns")));
    let map = |pairs: &[(&str, &str)]| -> Columns {
        pairs.iter().map(|(column, target)| ((*column).to_owned(), (*target).to_owned())).collect()
    };
    assert_eq!(
        check(&map(&[("a", "input.x"), ("b", "input.y"), ("c", ""), ("d", "metadata"), ("e", "metadata.k")])),
        Ok(())
    );
    for (wrong, hint) in [
        (map(&[("a", "scores")]), "is no place"),
        (map(&[("a", "tags.x")]), "is no place"),
        (map(&[("a", "input"), ("b", "input")]), "becomes input already"),
        (map(&[("a", "input"), ("b", "input.x")]), "all of input"),
    ] {
        assert!(check(&wrong).is_err_and(|why| why.contains(hint)), "{wrong:?}");
    }
}
