//! The laws, held on every fixture and on the corpus.

use dockfix::syntax;

use crate::corpus;

#[test]
fn the_tree_prints_its_input() {
    for (path, text) in corpus::files() {
        assert_eq!(
            syntax::parse(&text).file().syntax().text().to_string(),
            text,
            "{path}"
        );
    }
}

#[test]
fn shell_texts_are_read() {
    let (mut shells, mut errors) = (0, Vec::new());
    for (path, text) in corpus::files() {
        let parse = syntax::parse(&text);
        shells += parse
            .file()
            .instructions()
            .filter(|it| {
                it.kind() == syntax::SyntaxKind::RUN
                    && it.json().is_none()
                    && it.foreign_script().is_none()
            })
            .count();
        for error in parse.errors().iter().filter(|it| it.kind.is_shell()) {
            let at = usize::from(error.range.start());
            let near: String = text[at..].chars().take(50).collect();
            errors.push(format!("{path}: {} at {near:?}", error.kind));
        }
    }
    eprintln!("{shells} shell texts, {} not read", errors.len());
    for error in &errors {
        eprintln!("{error}");
    }
    assert!(errors.len() * 200 <= shells);
}
