//! Rewrites that BuildKit takes for the same build, each on every file of the corpus on which it does something:
//! `verify` must find nothing rebuilt.

use dockfix::{
    fix::{self, Effect, Job, Safety},
    model::build::Build,
    syntax::{
        self, Parse,
        SyntaxKind::{self, *},
        SyntaxToken,
        ast::{self, Instruction},
    },
    verify::Comparison,
};

use crate::corpus;

/// Writes a file token by token.
fn map(parse: &Parse, mut token: impl FnMut(&SyntaxToken) -> Option<String>) -> String {
    let file = parse.file();
    ast::tokens(file.syntax()).map(|it| token(&it).unwrap_or_else(|| it.text().to_owned())).collect()
}

fn inside(token: &SyntaxToken, kind: SyntaxKind) -> bool {
    token.parent_ancestors().any(|it| it.kind() == kind)
}

/// Where the first instruction begins; what stands before it may hold or make directives, and is left alone.
fn body(parse: &Parse) -> text_size::TextSize {
    parse.file().instructions().next().map_or(0.into(), |it| it.syntax().text_range().start())
}

fn without(parse: &Parse, kind: SyntaxKind) -> String {
    let body = body(parse);
    map(parse, |it| (it.kind() == kind && it.text_range().start() >= body).then(String::new))
}

fn strip_comments(_: &str, parse: &Parse) -> String {
    without(parse, COMMENT_LINE)
}

fn strip_empty_lines(_: &str, parse: &Parse) -> String {
    without(parse, EMPTY_LINE)
}

fn trim_line_ends(_: &str, parse: &Parse) -> String {
    let body = body(parse);
    map(parse, |it| {
        let ends_line = it.next_token().is_some_and(|it| it.kind() == NEWLINE);
        let blanks = |text: &str| {
            let kept = text.trim_end();
            let end = &text[kept.len()..];
            format!("{kept}{}", end.trim_start_matches([' ', '\t']))
        };
        match it.kind() {
            _ if it.text_range().start() < body || inside(it, ONBUILD) => None,
            WHITESPACE if ends_line => Some(String::new()),
            CONTINUATION | COMMENT_LINE => Some(blanks(it.text())),
            _ => None,
        }
    })
}

fn to_lf(text: &str, parse: &Parse) -> String {
    if text.replace("\r\n", "").contains('\r') {
        return text.to_owned();
    }
    map(parse, |it| (!inside(it, HEREDOC) || it.kind() == NEWLINE).then(|| it.text().replace("\r\n", "\n")))
}

fn to_crlf(text: &str, parse: &Parse) -> String {
    if text.contains('\r') {
        return text.to_owned();
    }
    map(parse, |it| (!inside(it, HEREDOC) || it.kind() == NEWLINE).then(|| it.text().replace('\n', "\r\n")))
}

fn keywords(parse: &Parse, change: fn(&str) -> String) -> String {
    map(parse, |it| {
        let own = it.kind() == KEYWORD && it.parent().is_some_and(|it| it.parent().is_some_and(|it| it.kind() == FILE));
        own.then(|| change(it.text()))
    })
}

fn upper_case(_: &str, parse: &Parse) -> String {
    keywords(parse, str::to_ascii_uppercase)
}

fn lower_case(_: &str, parse: &Parse) -> String {
    keywords(parse, str::to_ascii_lowercase)
}

/// Moves all blanks but one from before a line break to behind it.
fn move_blanks(_: &str, parse: &Parse) -> String {
    let mut moved = String::new();
    map(parse, |it| {
        let before_break = it.next_token().is_some_and(|it| {
            let dropped = |it: SyntaxToken| matches!(it.kind(), COMMENT_LINE | EMPTY_LINE | NEWLINE);
            it.kind() == CONTINUATION && !it.next_token().is_none_or(dropped)
        });
        match it.kind() {
            WHITESPACE if before_break && inside(it, RUN) => {
                let kept = it.text().chars().next().map_or(0, char::len_utf8);
                moved = it.text()[kept..].to_owned();
                Some(it.text()[..kept].to_owned())
            }
            CONTINUATION => Some(format!("{}{}", it.text(), std::mem::take(&mut moved))),
            _ => None,
        }
    })
}

fn space_arrays(_: &str, parse: &Parse) -> String {
    map(parse, |it| match it.kind() {
        _ if inside(it, ONBUILD) || !inside(it, JSON_ARRAY) => None,
        L_BRACK => Some("[ \t".to_owned()),
        R_BRACK => Some("  ]".to_owned()),
        COMMA => Some(" ,  ".to_owned()),
        _ => None,
    })
}

fn name_protocols(_: &str, parse: &Parse) -> String {
    map(parse, |it| {
        let port = it.parent_ancestors().nth(1).is_some_and(|it| it.kind() == EXPOSE) && !inside(it, ONBUILD);
        let number = it.text().bytes().all(|it| it.is_ascii_digit());
        (port && it.kind() == TEXT && number).then(|| format!("{}/TCP", it.text()))
    })
}

fn indent_instructions(_: &str, parse: &Parse) -> String {
    let starts: Vec<_> = parse.file().instructions().map(|it| it.syntax().text_range().start()).collect();
    map(parse, |it| starts.contains(&it.text_range().start()).then(|| format!(" \t {}", it.text())))
}

fn space_keywords(_: &str, parse: &Parse) -> String {
    map(parse, |it| {
        let first = it.prev_token().is_some_and(|it| {
            it.kind() == KEYWORD && it.parent().is_some_and(|it| it.parent().is_some_and(|it| it.kind() == FILE))
        });
        (first && it.kind() == WHITESPACE).then(|| format!("{} \t", it.text()))
    })
}

fn by_rule(text: &str, name: &str) -> String {
    let rules = dockfix::rules::ALL.iter().copied().filter(|it| it.name == name).collect();
    let outcome = fix::run(text, &Job { rules, fix: Some(Safety::Safe), max_effect: Effect::None, ..Job::default() });
    assert_eq!(outcome.faults, []);
    outcome.text
}

fn new_pairs(text: &str, _: &Parse) -> String {
    by_rule(text, "legacy-key-value")
}

fn drop_shadowed(text: &str, _: &Parse) -> String {
    by_rule(text, "shadowed-command")
}

/// Merges neighbours of one kind whose later one refers to nothing.
fn merge(text: &str, parse: &Parse, kind: SyntaxKind) -> String {
    let simple = |it: &Instruction| {
        let text = it.syntax().text().to_string();
        it.kind() == kind && it.pairs().all(|it| it.has_eq()) && text.trim().lines().count() == 1
    };
    let mut out = text.to_owned();
    let all: Vec<Instruction> = parse.file().instructions().collect();
    for pair in all.windows(2).rev() {
        let (first, second) = (&pair[0], &pair[1]);
        let adjacent = first.syntax().text_range().end() == second.syntax().text_range().start();
        if !adjacent || !simple(first) || !simple(second) || second.arguments().contains('$') {
            continue;
        }
        let range = usize::from(first.range().end())..usize::from(second.range().end());
        out.replace_range(range, &format!(" {}\n  {}", parse.escape(), second.arguments()));
    }
    out
}

fn merge_env(text: &str, parse: &Parse) -> String {
    merge(text, parse, ENV)
}

fn merge_label(text: &str, parse: &Parse) -> String {
    merge(text, parse, LABEL)
}

/// On so many files each rewrite is tried where not all of the corpus is.
const ENOUGH: usize = 50;

type Rewrite = fn(&str, &Parse) -> String;

#[test]
fn rewrites_that_change_no_build_are_found_so() {
    let rewrites: &[(&str, Rewrite)] = &[
        ("strip comments", strip_comments),
        ("strip empty lines", strip_empty_lines),
        ("trim line ends", trim_line_ends),
        ("CRLF to LF", to_lf),
        ("LF to CRLF", to_crlf),
        ("upper-case keywords", upper_case),
        ("lower-case keywords", lower_case),
        ("move blanks over line breaks", move_blanks),
        ("space arrays", space_arrays),
        ("name protocols", name_protocols),
        ("indent instructions", indent_instructions),
        ("space keywords", space_keywords),
        ("new form of pairs", new_pairs),
        ("drop shadowed commands", drop_shadowed),
        ("merge ENV", merge_env),
        ("merge LABEL", merge_label),
    ];
    let mut applied = vec![0; rewrites.len()];
    let mut bad = Vec::new();
    let files = corpus::files();
    for (path, text) in &files {
        let parse = syntax::parse(text);
        if parse.errors().iter().any(|it| !it.kind.is_shell()) {
            continue;
        }
        let build = Build::new(&parse);
        for ((name, rewrite), count) in rewrites.iter().zip(&mut applied) {
            // Many files say no more than some, except where all are asked for.
            if *count >= ENOUGH && !corpus::all() {
                continue;
            }
            let rewritten = rewrite(text, &parse);
            if rewritten == *text {
                continue;
            }
            *count += 1;
            let comparison = Comparison::new(&build, &Build::new(&syntax::parse(&rewritten)));
            if !comparison.is_same() {
                bad.push(format!("{path}: {name}: {:?}", comparison.stages));
            }
        }
    }
    for ((name, _), count) in rewrites.iter().zip(&applied) {
        eprintln!("{name}: {count} files");
        assert!(files.is_empty() || *count > 0, "{name} did nothing anywhere");
    }
    for line in bad.iter().take(10) {
        eprintln!("{}", line.chars().take(3000).collect::<String>());
    }
    assert!(bad.is_empty(), "{} rewrites are not found to be the same", bad.len());
}
