//! The page of the layout: what it shows is what comes out.

use std::path::Path;

use crate::program::Folder;

/// An example: the options for it, the text before, and the text after.
struct Example {
    options: Vec<String>,
    before: String,
    after: String,
}

/// The examples of a page: blocks of Dockerfile, of which each second one is what becomes of the one above it. A
/// comment with options may stand above the first.
fn examples(page: &str) -> Vec<Example> {
    let mut blocks = Vec::new();
    let mut options = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(option) = line.strip_prefix("<!-- ").and_then(|it| it.strip_suffix(" -->")) {
            options = vec!["--option".to_owned(), option.to_owned()];
        } else if line == "```dockerfile" {
            let block: String = lines.by_ref().take_while(|it| *it != "```").map(|it| format!("{it}\n")).collect();
            blocks.push((std::mem::take(&mut options), block));
        }
    }
    assert_eq!(blocks.len() % 2, 0, "a block has no counterpart");
    let pairs = blocks.chunks(2);
    let example = |it: &[(Vec<String>, String)]| Example {
        options: it[0].0.clone(),
        before: it[0].1.clone(),
        after: it[1].1.clone(),
    };
    pairs.map(example).collect()
}

#[test]
fn what_the_page_of_the_layout_shows_comes_out() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/layout.md");
    let examples = examples(&std::fs::read_to_string(path).unwrap());
    assert!(examples.len() > 10);
    let folder = Folder::new(&[]);
    for Example { options, before, after } in &examples {
        let mut args = vec!["format", "--isolated"];
        args.extend(options.iter().map(String::as_str));
        args.push("-");
        // A part of a file stands below the FROM that it leaves out.
        let from = if after.contains("FROM ") { "" } else { "FROM a\n" };
        let after = format!("{from}{after}");
        for text in [format!("{from}{before}"), after.clone()] {
            let said = folder.pipe(&args, text);
            assert_eq!((said.code, said.out.as_str()), (0, after.as_str()), "{}", said.err);
        }
    }
}
