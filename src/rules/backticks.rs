use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::is_plain_shell,
    syntax::{self, SyntaxKind::*, SyntaxNode, SyntaxToken, ast},
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes command substitutions in the shell text of a RUN as `$(…)` instead of between backticks.
    ///
    /// ## Why
    /// Backticks are hard to tell from quotes, don't nest, and take backslashes away from the command between them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN wget "https://example.com/tool-`uname -m`" && chown -R `id -u` /srv
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// RUN wget "https://example.com/tool-$(uname -m)" && chown -R $(id -u) /srv
    /// ```
    ///
    /// ## Safety and effect
    /// Safe; the step is rebuilt with the same result. Backslashes that the backticks would take away go with them.
    /// What the two forms read differently stays: a command that begins with a parenthesis, `\"` within double quotes,
    /// a `case`, a comment. So do heredocs, backticks inside `${…}` and `$((…))`, and shells that are not POSIX.
    pub static RULE = {
        name: "backticks",
        summary: "A command substitution between backticks",
        since: "0.1.0",
        group: Group::Shell,
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        changes: &[Change::Substitutions],
        default: true,
        ids: &["SC2006"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for run in ctx.runs().filter(|it| it.text.contains('`')) {
        let plain = ctx.model.stages.get(run.stage).is_some_and(|it| is_plain_shell(it.shell_at(run.at)));
        if !plain || ctx.escape() != '\\' || run.has_heredocs {
            continue;
        }
        for node in run.script.syntax().descendants().filter(|it| matches!(it.kind(), WORD | DOUBLE_QUOTED)) {
            findings.extend(substitutions(&node).iter().filter_map(|it| judge(&node, it)));
        }
    }
}

/// The substitutions between backticks right inside a node, each as its tokens: a line break cuts them in pieces.
fn substitutions(node: &SyntaxNode) -> Vec<Vec<SyntaxToken>> {
    let mut all: Vec<Vec<SyntaxToken>> = Vec::new();
    let mut open = false;
    for token in node.children_with_tokens().filter_map(|it| it.into_token()).filter(|it| it.kind() == BACKTICKS) {
        match all.last_mut().filter(|_| open) {
            Some(pieces) => pieces.push(token),
            None => all.push(vec![token]),
        }
        // A piece is the last one if the text up to here is closed.
        let text: String = all.iter().rev().take(1).flatten().map(|it| it.text()).collect();
        open = !is_closed(&text);
    }
    all
}

/// Whether a text that begins with a backtick ends with one that no backslash protects.
fn is_closed(text: &str) -> bool {
    let backslashes = text.strip_suffix('`').map(|it| it.len() - it.trim_end_matches('\\').len());
    text.len() > 1 && backslashes.is_some_and(|it| it % 2 == 0)
}

fn judge(node: &SyntaxNode, pieces: &[SyntaxToken]) -> Option<Finding> {
    let (first, last) = (pieces.first()?.text_range(), pieces.last()?.text_range());
    // A comment among arguments, which can be written in no other way.
    if pieces.first()?.text().trim_start_matches(['`', ' ']).starts_with('#') {
        return None;
    }
    let fix = edits(node, pieces).map(|edits| Fix {
        title: "Write `$(…)`".to_owned(),
        safety: Safety::Safe,
        effect: Effect::Rebuild,
        edits,
    });
    Some(Finding {
        rule: &RULE,
        range: first.cover(last),
        message: "backticks don't nest and take backslashes away; `$(…)` reads better".to_owned(),
        fix,
    })
}

fn edits(node: &SyntaxNode, pieces: &[SyntaxToken]) -> Option<EditSet> {
    let quoted = node.kind() == DOUBLE_QUOTED;
    let mut edits = EditSet::default();
    let start = pieces.first()?.text_range().start();
    let end = pieces.last()?.text_range().end();
    edits.push(Edit::replace(TextRange::at(start, 1.into()), "$(")).ok()?;
    for piece in pieces {
        let mut chars = piece.text().char_indices();
        while let Some((at, _)) = chars.find(|it| it.1 == '\\') {
            match chars.next()?.1 {
                '$' | '`' | '\\' => {
                    let at = piece.text_range().start() + TextSize::new(u32::try_from(at).ok()?);
                    edits.push(Edit::delete(TextRange::at(at, 1.into()))).ok()?;
                }
                // Shells agree on what it is only outside double quotes.
                '"' if quoted => return None,
                _ => {}
            }
        }
    }
    edits.push(Edit::replace(TextRange::new(end - TextSize::new(1), end), ")")).ok()?;
    // Two pairs around a word are quotes of another language, which an empty substitution would only hide.
    let empty = pieces.iter().all(|it| it.text().trim_matches(['`', ' ']).is_empty());
    (!empty && is_alike(&rewritten(node, &edits)) && !behind_dollar(node, start)).then_some(edits)
}

/// The node's text after the edits, as the shell sees it.
fn rewritten(node: &SyntaxNode, edits: &EditSet) -> String {
    let base = node.text_range().start();
    let mut moved = EditSet::default();
    for edit in edits.iter() {
        // They come in order, as they did.
        let _ = moved.push(Edit::replace(edit.range - base, edit.insert.clone()));
    }
    moved.apply(&node.text().to_string())
}

/// Whether a lone dollar sign stands right before a place: together with what is written there it would be `$$`.
fn behind_dollar(node: &SyntaxNode, at: TextSize) -> bool {
    let mut before = ast::tokens(node).take_while(|it| it.text_range().end() <= at);
    before.by_ref().filter(|it| !it.kind().is_dropped()).last().is_some_and(|it| it.text().ends_with('$'))
}

/// Whether a word reads as one word in which each `$(…)` holds commands that no reader of shell text takes otherwise.
fn is_alike(word: &str) -> bool {
    let parse = syntax::parse(&format!("FROM a\nRUN a {word}\n"));
    let Some(run) = parse.file().instructions().nth(1).filter(|_| parse.errors().is_empty()) else { return false };
    let odd = |it| matches!(it, SHELL_COMMENT | CASE_CLAUSE | COMMENT_LINE | EMPTY_LINE | HEREDOC | ERROR);
    let strange = run.syntax().descendants_with_tokens().any(|it| odd(it.kind()) || it.to_string().starts_with("$(("));
    run.script().is_some() && !strange && run.arguments().starts_with("a ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    fn file(shell: &str) -> String {
        format!("FROM a\nRUN {shell}\n")
    }

    #[test]
    fn backticks_become_parentheses() {
        for (before, after) in [
            ("a `b c` d", "a $(b c) d"),
            ("A=`b`/c d", "A=$(b)/c d"),
            ("a \"x `b 'c'` y\" `d`", "a \"x $(b 'c') y\" $(d)"),
            ("a \"`b \"c d\"`\"", "a \"$(b \"c d\")\""),
            (r"a `b '{print \$1}'`", "a $(b '{print $1}')"),
            (r"a `sed 's/\\./x\n/'`", r"a $(sed 's/\./x\n/')"),
            (r"a `b \`c d\``", "a $(b $(c d))"),
            ("a `b \\\n    | c \\\n  `", "a $(b \\\n    | c \\\n  )"),
            ("for i in `ls`; do a > `b`; done", "for i in $(ls); do a > $(b); done"),
            ("a `b; c`", "a $(b; c)"),
            ("a `b``c`", "a $(b)$(c)"),
            ("$(a `b`)", "$(a $(b))"),
        ] {
            check(&RULE, &file(before), &file(after));
        }
    }

    #[test]
    fn what_reads_otherwise_stays() {
        for shell in [
            "a `(b)`",
            "a `b # c`",
            r#"a "`b \"c\"`""#,
            "a `case x in b) c;; esac`",
            "a '`b`'",
            r"a \`b\`",
            "a ${x:-`b`}",
            "a $((`b`))",
            "a $`b`",
            "a \"$`b`\"",
            "a ``",
            "a `b 'c`",
            "a `b \\\n# c\n  d`",
            "<<EOF a `b`\nc\nEOF",
            "<<EOF\na `b`\nEOF",
        ] {
            check_same(&RULE, &file(shell));
        }
        assert_eq!(findings(&RULE, &file("a `(b)`")).len(), 1);
        assert_eq!(findings(&RULE, &file("a `# why` b `#c`")).len(), 0);
    }

    #[test]
    fn other_shells_and_instructions_stay() {
        for text in [
            "# escape=`\nFROM a\nRUN a `\n  b `c`\n",
            "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN a `b`\n",
            "FROM a\nSHELL [\"fish\", \"-c\"]\nRUN a `b`\n",
            "FROM a\nONBUILD RUN a `b`\n",
            "FROM a\nCMD a `b`\n",
            "FROM a\nRUN [\"a\", \"`b`\"]\n",
            "FROM a\nLABEL a=\"`b`\"\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
