//! Pages that are made from the code, kept true.

use std::path::PathBuf;

use dockfix::rules::ALL;

/// Holds a page against what it must say. With `DOCKFIX_BLESS` set it is written instead.
fn hold(path: &str, expected: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("DOCKFIX_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, expected).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not what the code says: run `DOCKFIX_BLESS=1 cargo test docs`");
}

#[test]
fn the_page_of_rules_says_what_the_rules_say() {
    let mut page = "# Rules\n\n<!-- Made from the doc comments in src/rules by `DOCKFIX_BLESS=1 cargo test docs`. -->\n\n\
                    | rule | what it finds | safety | effect on the build | by default |\n| --- | --- | --- | --- | --- |\n"
        .to_owned();
    let mut rules = ALL.to_vec();
    rules.sort_by_key(|it| it.name);
    for rule in &rules {
        let default = if rule.default { "on" } else { "off" };
        let (name, summary, safety, effect) = (rule.name, rule.summary, rule.safety, rule.effect);
        page.push_str(&format!("| [`{name}`](#{name}) | {summary} | {safety} | {effect} | {default} |\n"));
    }
    for rule in &rules {
        // The page has the first level for itself.
        for line in rule.page().lines() {
            let heading = line.starts_with("# ") || line.starts_with("## ");
            page.push_str(if line.starts_with("# ") { "\n" } else { "" });
            page.push_str(if heading { "#" } else { "" });
            page.push_str(line);
            page.push('\n');
        }
    }
    hold("docs/rules.md", &page);
}
