//! Fixes in reports: whoever makes the edits that a report tells gets what dockfix would have written. And findings
//! that stay the same while the file changes around them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::Folder;

/// Files in which columns in bytes and in characters differ, and in which lines end in all ways.
const FILES: &[&[u8]] = &[
    b"from alpine as base\nrun a &&  b\ncopy  a   b\n\n\n\ncmd [ \"x\"]\n",
    "from a\n# äöü\nrun echo 'äöü' &&  echo '𝄞' \\\n  &&   b  # ä\nLABEL  ä=\"ö\"   b=c".as_bytes(),
    b"from a\r\nrun  x &&   y\r\ncopy  a   b\r\n",
    b"\xef\xbb\xbffrom a\nrun  x\n",
    b"from a\n# \xff\xfe\n\n\nrun  x\n# \xe9\ncopy  a    b\n",
];

/// What goes, from one offset to another, and what comes.
type Replacement = (usize, usize, String);

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

/// The lines of a file's bytes, with their ends.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|it| *it == b'\n').collect();
    lines.push(b"");
    lines
}

/// The offset of a line and a column in bytes.
fn byte_place(bytes: &[u8], line: usize, column: usize) -> usize {
    lines(bytes)[..line - 1].iter().map(|it| it.len()).sum::<usize>() + column - 1
}

/// The offset of a line and a column in characters, as a reader counts who takes a bad byte for one character.
fn char_place(bytes: &[u8], line: usize, column: usize) -> usize {
    let text = lines(bytes)[line - 1];
    let mut starts = Vec::new();
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        starts.extend(chunk.valid().char_indices().map(|it| at + it.0));
        at += chunk.valid().len();
        starts.extend((0..chunk.invalid().len()).map(|it| at + it));
        at += chunk.invalid().len();
    }
    starts.push(text.len());
    byte_place(bytes, line, 1) + starts[column - 1]
}

/// Makes edits, the last first.
fn edited(bytes: &[u8], mut edits: Vec<Replacement>) -> Vec<u8> {
    edits.sort();
    let mut out = bytes.to_vec();
    for (start, end, insert) in edits.into_iter().rev() {
        out.splice(start..end, insert.into_bytes());
    }
    out
}

#[test]
fn edits_of_the_layout_make_what_format_writes() {
    for bytes in FILES {
        let folder = Folder::new(&[]);
        folder.write("Dockerfile", bytes);
        let report = |format: &str| -> Value {
            let said = folder.run(&["format", "--check", "--output-format", format]);
            assert_eq!(said.code, 1, "{}", said.err);
            serde_json::from_str(&said.out).unwrap()
        };
        let mut ways: Vec<(&str, Vec<Replacement>)> = Vec::new();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let json = report("json");
        let edits = json["findings"].as_array().unwrap().iter().flat_map(|it| it["fix"]["edits"].as_array().unwrap());
        let edits: Vec<&Value> = edits.collect();
        let offset = |it: &Value| number(&it["offset"]);
        let by_offset = edits.iter().map(|it| (offset(&it["start"]), offset(&it["end"]), text(&it["insert"])));
        ways.push(("json, by offsets", by_offset.collect()));
        let place = |it: &Value| char_place(bytes, number(&it["line"]), number(&it["column"]));
        let by_column = edits.iter().map(|it| (place(&it["start"]), place(&it["end"]), text(&it["insert"])));
        ways.push(("json, by columns", by_column.collect()));
        let sarif = report("sarif");
        assert_eq!(sarif["runs"][0]["columnKind"], "unicodeCodePoints");
        let changes = sarif["runs"][0]["results"].as_array().unwrap().iter();
        let replacements =
            changes.flat_map(|it| it["fixes"][0]["artifactChanges"][0]["replacements"].as_array().unwrap());
        let replacements = replacements.map(|it| {
            let region = &it["deletedRegion"];
            let start = char_place(bytes, number(&region["startLine"]), number(&region["startColumn"]));
            let end = char_place(bytes, number(&region["endLine"]), number(&region["endColumn"]));
            (start, end, text(&it["insertedContent"]["text"]))
        });
        ways.push(("sarif", replacements.collect()));
        let rdjson = report("rdjson");
        let suggestions = rdjson["diagnostics"].as_array().unwrap().iter().map(|it| &it["suggestions"][0]);
        let place = |it: &Value| byte_place(bytes, number(&it["line"]), number(&it["column"]));
        let suggestions =
            suggestions.map(|it| (place(&it["range"]["start"]), place(&it["range"]["end"]), text(&it["text"])));
        ways.push(("rdjson", suggestions.collect()));
        assert_eq!(folder.run(&["format"]).code, 0);
        let expected = std::fs::read(folder.join("Dockerfile")).unwrap();
        assert_ne!(&expected, bytes);
        for (way, edits) in ways {
            let made = edited(bytes, edits);
            assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(&expected), "{way}");
            assert_eq!(made, expected, "{way}");
        }
    }
}

#[test]
fn a_fix_that_holds_bytes_is_not_told_in_other_words() {
    let folder = Folder::new(&[]);
    folder.write("Dockerfile", b"from a\nrun  '\xff'\n");
    for (format, sign) in [("json", "\"edits\""), ("sarif", "\"fixes\""), ("rdjson", "\"suggestions\"")] {
        let said = folder.run(&["format", "--check", "--output-format", format]);
        assert!(said.out.contains("unformatted") && !said.out.contains(sign), "{}", said.out);
    }
}

#[test]
fn the_effect_of_a_layout_is_what_it_does() {
    for (text, effect) in [("from a\nCOPY  a   b\n", "none"), ("FROM a\nRUN  x   y\n", "rebuild")] {
        let folder = Folder::new(&[("Dockerfile", text)]);
        let said = folder.run(&["format", "--check", "--output-format=json-lines"]);
        assert!(said.out.contains(&format!("\"effect\":\"{effect}\"")), "{}", said.out);
    }
}

#[test]
fn what_fix_would_do_is_told_in_places_of_the_file_as_it_is() {
    let folder = Folder::new(&[("Dockerfile", "\n\n\n\nFROM a\nENV a b\nRUN  x\nENV it's  \\\n  b\n")]);
    let said = folder.run(&["fix", "--diff", "--select=legacy-key-value", "--output-format=json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["rule"].as_str().unwrap(), number(&it["start"]["line"]), it["fix"]["safety"].as_str()))
        .collect();
    let safe = Some("safe");
    let expected = [
        ("unformatted", 1, safe),
        ("legacy-key-value", 6, safe),
        ("unformatted", 7, safe),
        ("legacy-key-value", 8, None),
    ];
    assert_eq!(found, expected, "{report:#}");
    assert_eq!(said.code, 1);
    // What is left after writing has the places of the file as it became.
    let said = folder.run(&["fix", "--select=legacy-key-value", "--output-format=json"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(folder.read("Dockerfile").lines().position(|it| it.starts_with("ENV it's")), Some(3));
    assert_eq!(report["findings"][0]["start"]["line"], 4, "{report:#}");
}

#[test]
fn fingerprints_stay_where_lines_move() {
    let prints = |text: &str, format: &str| -> BTreeSet<String> {
        let folder = Folder::new(&[("Dockerfile", text)]);
        let said = folder.run(&["check", "--select=legacy-key-value,shadowed-command", "--output-format", format]);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let all: BTreeSet<String> = match format {
            "json" => report["findings"].as_array().unwrap().iter().map(|it| it["fingerprint"].to_string()).collect(),
            "gitlab" => report.as_array().unwrap().iter().map(|it| it["fingerprint"].to_string()).collect(),
            _ => {
                let results = report["runs"][0]["results"].as_array().unwrap().iter();
                results.map(|it| it["partialFingerprints"]["dockfix/v1"].to_string()).collect()
            }
        };
        assert_eq!(all.len(), 4, "each has its own: {}", said.out);
        all
    };
    let before = "FROM a\nENV a b\nENV a b\nCMD x   && y\nENV a c\nCMD z\n";
    let after = "# New\n\nFROM a\nRUN new\n\nENV a b\n# hm\nENV   a  b\nCMD x \\\n    && y\nENV a c\nCMD z\n";
    for format in ["json", "gitlab", "sarif"] {
        assert_eq!(prints(before, format), prints(after, format), "{format}");
        let other = prints(&before.replace("a c", "a d"), format);
        assert_eq!(prints(before, format).intersection(&other).count(), 3);
    }
}
