//! RUNs that do one command after another and stop at the first that fails: chains of `&&`, and heredocs that begin
//! with `set -e`.

use super::{OwnWord, ShellWord, set_options::SetOptions, simple_commands};
use crate::syntax::{
    self, Parse,
    SyntaxKind::*,
    SyntaxNode,
    ast::{Instruction, Script, elements_above, tokens},
    heredoc_word,
};

/// A command of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The comments above it, each from its `#` on.
    pub comments: Vec<String>,
    /// Its text; lines that it is continued on are indented by four blanks.
    pub text: String,
    /// The same with every row of blanks outside quotes as one.
    pub plain: String,
    /// Whether it is a `set` that turns `-e` on.
    pub errexit: bool,
}

/// The commands of a RUN that is a chain of `&&`, where each of them may as well stand on a line of its own behind
/// `set -e`.
pub fn chained(run: &Instruction) -> Option<Vec<Step>> {
    // Quoted or not, `<<` may begin a heredoc where it stands in one.
    let script = run.script().filter(|_| run.heredocs().next().is_none() && !run.arguments().contains("<<"))?;
    let pipelines = pipelines(&script)?;
    let mut steps = Vec::new();
    for pipeline in pipelines {
        let comments = comments_above(&pipeline);
        let first = steps.is_empty();
        steps.push(step(&pipeline, comments, first)?);
    }
    Some(steps)
}

/// The commands of a RUN that is nothing but a heredoc, where it begins with `set -e` and each of its lines may as well
/// stand in a chain of `&&`.
pub fn in_heredoc(run: &Instruction) -> Option<Vec<Step>> {
    let text = run.arguments();
    let mark = heredoc_word(&text).filter(|it| !text.contains(char::is_whitespace) && !it.chomp && it.fd == 0)?;
    let mut docs = run.heredocs();
    let body = docs.next().filter(|_| docs.next().is_none()).map(|it| it.body())?;
    // A heredoc in the heredoc, Windows, and a line for another program.
    if mark.name.is_empty() || body.contains("<<") || body.contains('\r') || body.starts_with("#!") {
        return None;
    }
    let (mut steps, mut comments, mut line) = (Vec::new(), Vec::new(), String::new());
    for physical in body.lines() {
        let trimmed = physical.trim();
        if line.is_empty() && (trimmed.is_empty() || trimmed.starts_with('#')) {
            comments.extend((!trimmed.is_empty()).then(|| trimmed.to_owned()));
            continue;
        }
        // What BuildKit would drop between the lines, the shell does not; and it sees a backslash before blanks.
        let blank = physical.trim_end().ends_with('\\') && !physical.ends_with('\\');
        if trimmed.is_empty() || trimmed.starts_with('#') || blank {
            return None;
        }
        line.push_str(physical);
        line.push('\n');
        if !physical.ends_with('\\') {
            let script = alone(line.trim_end())?;
            let found = pipelines(&script)?;
            let [pipeline] = found.as_slice() else { return None };
            // `set -x` may follow `set -e`.
            let leading = steps.iter().all(|it: &Step| it.plain == "set -e");
            steps.push(step(pipeline, std::mem::take(&mut comments), leading)?);
            line.clear();
        }
    }
    let errexit = steps.first().is_some_and(|it| it.errexit);
    (errexit && line.is_empty() && comments.is_empty()).then_some(steps)
}

/// The script of one line.
fn alone(line: &str) -> Option<Script> {
    let parse: Parse = syntax::parse(&format!("FROM a\nRUN {line}\n"));
    let run = parse.file().instructions().nth(1).filter(|it| it.kind() == RUN && it.flags().next().is_none())?;
    run.script().filter(|_| parse.errors().is_empty() && parse.file().instructions().count() == 2)
}

/// The pipelines of a script, where it is a chain of `&&` of simple commands and nothing else stands in it.
fn pipelines(script: &Script) -> Option<Vec<SyntaxNode>> {
    let list = script.list()?;
    let mut items = list.items();
    let item = items.next().filter(|_| items.next().is_none())?;
    let bad = tokens(script.syntax()).any(|it| match it.kind() {
        SHELL_COMMENT | SEMI | AMP | OR_IF | RESERVED => true,
        // A shell may go on in a substitution where the other one does not.
        BACKTICKS => it.text().contains([';', '\n']),
        // Its text is joined before the shell reads it, and would not be in a heredoc.
        CONTINUATION => it.parent().is_some_and(|it| matches!(it.kind(), WORD | DOUBLE_QUOTED)),
        _ => false,
    });
    let pipelines: Vec<SyntaxNode> = item.pipelines().map(|it| it.syntax().clone()).collect();
    let simple = pipelines.iter().all(|it| it.children().all(|it| it.kind() == SIMPLE_COMMAND));
    (!bad && simple).then_some(pipelines)
}

/// Reads a pipeline. `first` is whether it is the first, which may be a `set`.
fn step(pipeline: &SyntaxNode, comments: Vec<String>, first: bool) -> Option<Step> {
    let (mut text, mut plain) = (String::new(), String::new());
    // Whether a line broke where no blank parts what stands before it from what comes.
    let mut torn = false;
    for token in tokens(pipeline) {
        match token.kind() {
            COMMENT_LINE | EMPTY_LINE => return None,
            CONTINUATION => {
                torn = !plain.ends_with(' ');
                text.truncate(text.trim_end_matches([' ', '\t']).len());
                text.push_str(" \\\n   ");
            }
            WHITESPACE => {
                torn = false;
                text.push(' ');
                plain.push_str(if plain.ends_with(' ') { "" } else { " " });
            }
            _ if torn => return None,
            _ => {
                text.push_str(token.text());
                plain.push_str(token.text());
            }
        }
    }
    let (text, plain) = (text.trim().to_owned(), plain.trim().to_owned());
    // A line break in quotes is one more line, and a backslash at the end of a line joins it to the next.
    if plain.contains('\n') || plain.ends_with('\\') {
        return None;
    }
    let set = SetOptions::of_set(&plain.split(' ').collect::<Vec<_>>()).filter(|_| first);
    for command in simple_commands(pipeline) {
        let name = command.words().next().map(|it| ShellWord::of(&it));
        match name.as_ref().map(ShellWord::literal) {
            Some(Some(name)) if OwnWord::of(name) != Some(OwnWord::ChangesLines) || set.is_some() => {}
            // An assignment alone.
            None => {}
            _ => return None,
        }
    }
    Some(Step { comments, text, plain, errexit: set.is_some_and(|it| it.errexit) })
}

/// The comments between the command before a pipeline and the pipeline.
fn comments_above(pipeline: &SyntaxNode) -> Vec<String> {
    let before = elements_above(pipeline).take_while(|it| it.as_node().is_none());
    let mut comments: Vec<String> =
        before.filter(|it| it.kind() == COMMENT_LINE).map(|it| it.to_string().trim().to_owned()).collect();
    comments.reverse();
    comments
}

/// The commands of a RUN in either form, without the `set -e` that only one of the two needs.
pub fn sequence(run: &Instruction) -> Option<Vec<String>> {
    let steps = chained(run).or_else(|| in_heredoc(run))?;
    let mut plain: Vec<String> = steps.into_iter().map(|it| it.plain).collect();
    if plain.first().is_some_and(|it| it == "set -e") {
        plain.remove(0);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Instruction {
        syntax::parse(&format!("FROM a\nRUN {text}\n")).file().instructions().nth(1).unwrap()
    }

    #[test]
    fn both_forms_are_the_same_sequence() {
        let chain = sequence(&run("a  b && c \\\n  d | e > f \\\n  # g\n  && X=$(h)")).unwrap();
        assert_eq!(chain, ["a b", "c d | e > f", "X=$(h)"]);
        assert_eq!(sequence(&run("<<EOF\nset -e\na b\nc \\\n   d | e > f\n# g\n\nX=$(h)\nEOF")), Some(chain));
        assert_eq!(sequence(&run("set -ex && a")).unwrap(), ["set -ex", "a"]);
        assert_eq!(sequence(&run("<<EOF\nset -e\nset -x\na\nEOF")), sequence(&run("set -x && a")));
        let named = sequence(&run("<<EOF\nset -o errexit\na\nEOF"));
        assert!(named.is_some() && named == sequence(&run("set -o errexit && a")));
    }

    #[test]
    fn where_the_two_differ_there_is_none() {
        for text in [
            "a || b",
            "a; b",
            "(a) && b",
            "! a && b",
            "a && . b",
            "a && set +e",
            "set +e && a",
            "set -e b && a",
            "set pipefail && a",
            "set && a",
            "$A && b",
            "a && b # c",
            "a && echo '<<b'",
            "a $(b; c) && d",
            "a 'b\\\nc' && d",
            "a \\\n # b\n c && d",
            "<<EOF\na\nEOF",
            "<<EOF\nset -e\na && b\nEOF",
            "<<EOF\nset -e\nif a; then b; fi\nEOF",
            "<<EOF\nset -e\na 'b\nc'\nEOF",
            "<<EOF\nset -e\na # b\nEOF",
            "<<-EOF\nset -e\n\ta\nEOF",
            "<<EOF b\nset -e\na\nEOF",
            "<<EOF\n#!/bin/sh\nset -e\na\nEOF",
        ] {
            assert_eq!(sequence(&run(text)), None, "{text}");
        }
    }
}
