use text_size::{TextRange, TextSize};

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, begins_instruction, rule},
    syntax::{
        SyntaxKind::{self, *},
        SyntaxToken,
        ast::{Instruction, KeyValue, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Reports a line that begins like an instruction but is a part of the one above it, whose line ends with the
    /// escape character, and shows how the two would be parted. A `RUN` behind an operator is taken out instead, but
    /// where a blank line above it says that an instruction of its own was meant.
    ///
    /// ## Why
    /// BuildKit reads on without a word. `COPY` and its paths become packages to install, or arguments of the last
    /// command; at best the build fails, at worst the instruction is never carried out.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// RUN apk add git \
    ///
    /// COPY . /src
    /// ```
    ///
    /// ## Safety and effect
    /// Only shown: what the author meant is clear to a reader, and the image changes.
    pub static RULE = {
        name: "swallowed-instruction",
        summary: "A line that looks like an instruction and belongs to the one above it",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Suggest,
        effect: Effect::Image,
        default: true,
        ids: &[],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.swallowing() {
        let tokens: Vec<SyntaxToken> = tokens(instruction.syntax()).collect();
        for (at, token) in tokens.iter().enumerate().filter(|it| it.1.kind() == CONTINUATION) {
            let loose = |it: &&SyntaxToken| it.kind().is_trivia() && it.kind() != CONTINUATION;
            let mut rest = tokens.iter().skip(at + 1).filter(|it| !loose(it));
            let mut next = rest.next();
            // The layout writes operators before what they stood behind.
            if next.is_some_and(|it| matches!(it.kind(), AND_IF | OR_IF)) {
                next = rest.next();
            }
            let Some(next) = next.filter(|it| begins_word(it)) else { continue };
            let Some(keyword) = keyword(ctx, instruction, next) else { continue };
            findings.push(Finding {
                rule: &RULE,
                range: TextRange::at(next.text_range().start(), TextSize::of(keyword.keyword())),
                message: format!(
                    "this {} is a part of the {} above, because the line before it ends with `{}`",
                    keyword.keyword(),
                    instruction.kind().keyword(),
                    ctx.escape()
                ),
                fix: part(ctx, instruction, &tokens, at, next, keyword, token),
            });
        }
    }
}

/// Whether a token may be the first of a word outside quotes.
fn begins_word(token: &SyntaxToken) -> bool {
    let parent = token.parent();
    let parent = parent.as_ref();
    match token.kind() {
        LITERAL => parent.is_some_and(|it| it.kind() == WORD),
        TEXT => parent.is_some_and(|it| it.kind().is_instruction() || it.kind() == WORD),
        KEY => true,
        // A value without `=` takes all of its text.
        VALUE => parent.and_then(|it| KeyValue::cast(it.clone())).is_some_and(|it| !it.has_eq()),
        _ => false,
    }
}

/// The instruction that a physical line seems to begin.
fn keyword(ctx: &Context<'_>, instruction: &Instruction, token: &SyntaxToken) -> Option<SyntaxKind> {
    let start = token.text_range().start();
    let line = ctx.slice(TextRange::new(start, instruction.syntax().text_range().end())).lines().next()?;
    let kind = begins_instruction(instruction, line)?;
    // Within quotes that no tree knows of a line may begin with anything.
    let before = ctx.slice(TextRange::new(instruction.range().start(), start));
    let foreign = instruction.foreign_script().is_some() || token.kind() == TEXT || token.kind() == VALUE;
    let quoted = foreign && before.contains(['"', '\'']);
    (!quoted).then_some(kind)
}

/// The fix that separates the two instructions, or joins them where an operator stands between.
fn part(
    ctx: &Context<'_>,
    instruction: &Instruction,
    tokens: &[SyntaxToken],
    at: usize,
    next: &SyntaxToken,
    keyword: SyntaxKind,
    continuation: &SyntaxToken,
) -> Option<Fix> {
    let significant: Vec<&SyntaxToken> = tokens.iter().take(at).filter(|it| !it.kind().is_trivia()).collect();
    let last = significant.last()?;
    let between = || tokens.iter().skip(at + 1).take_while(|it| *it != next);
    let leading = between().any(|it| matches!(it.kind(), AND_IF | OR_IF));
    let operator = leading || matches!(last.kind(), AND_IF | OR_IF | PIPE | SEMI);
    let start = next.text_range().start();
    let indented = !ctx.text[..usize::from(start)].ends_with('\n');
    let paragraph = || between().any(|it| it.kind() == EMPTY_LINE);
    if operator && keyword == RUN && instruction.kind() == RUN && (indented || !paragraph()) {
        let line = ctx.slice(TextRange::new(start, instruction.syntax().text_range().end()));
        let rest = line.trim_start_matches("RUN").trim_start_matches([' ', '\t']);
        let title = "Take the second RUN out".to_owned();
        let end = start + TextSize::of(line) - TextSize::of(rest);
        let edits = Edit::delete(TextRange::new(start, end)).into();
        return Some(Fix { title, safety: Safety::Suggest, effect: Effect::Image, edits });
    }
    if leading {
        return None;
    }
    let left = if operator { significant.iter().rev().nth(1)? } else { last };
    // Plain text has its blanks within.
    let behind = ctx.slice(left.text_range());
    let end = left.text_range().start() + TextSize::of(behind.trim_end_matches([' ', '\t']));
    // What ends right with the escape character may be a path.
    let loose = operator || end < continuation.text_range().start();
    if !loose || significant.len() < 2 {
        return None;
    }
    let mark = continuation.text().trim_end_matches(['\r', '\n']);
    let mark_end = continuation.text_range().start() + TextSize::of(mark);
    let mut edits = EditSet::from(Edit::delete(TextRange::new(end, mark_end)));
    let indent = ctx.slice(TextRange::new(continuation.text_range().end(), start));
    let indent = TextSize::of(indent) - TextSize::of(indent.trim_end_matches([' ', '\t']));
    if indent > TextSize::from(0) {
        edits.push(Edit::delete(TextRange::new(start - indent, start))).ok()?;
    }
    let title = format!("Let {} be an instruction", keyword.keyword());
    Some(Fix { title, safety: Safety::Suggest, effect: Effect::Image, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, findings, suggested};

    #[test]
    fn swallowed_instructions_are_shown() {
        for (before, after) in [
            ("RUN b \\\nCOPY c d\n", "RUN b\nCOPY c d\n"),
            ("RUN b c \\\n\n# d\n  ENV e f\n", "RUN b c\n\n# d\nENV e f\n"),
            ("RUN b && \\\n  RUN c d\n", "RUN b && \\\n  c d\n"),
            ("RUN cd b;\\\nRUN cd c;\\\n d\n", "RUN cd b;\\\ncd c;\\\n d\n"),
            ("RUN b && \\\n\nRUN c d\n", "RUN b\n\nRUN c d\n"),
            ("RUN b; \\\n    c;\\\n\n# d\nRUN e\n", "RUN b; \\\n    c\n\n# d\nRUN e\n"),
            ("RUN b && \\\n\n  RUN c d\n", "RUN b && \\\n\n  c d\n"),
            ("RUN b && \\\nCOPY c d\n", "RUN b\nCOPY c d\n"),
            ("RUN b \\\n    && RUN c d\n", "RUN b \\\n    && c d\n"),
            ("WORKDIR /b \\\nRUN c\n", "WORKDIR /b\nRUN c\n"),
            ("ENV b c \\\nRUN d\n", "ENV b c\nRUN d\n"),
            ("RUN b > c \\\nRUN d\n", "RUN b > c\nRUN d\n"),
            ("CMD b \\\r\nEXPOSE 80\r\n", "CMD b\r\nEXPOSE 80\r\n"),
        ] {
            let file = |text: &str| format!("FROM a\n{text}");
            assert_eq!(suggested(&RULE, &file(before)), [file(after)], "{before}");
            check_same(&RULE, &file(before));
        }
        let path = "FROM a\nSHELL [\"powershell\"]\nWORKDIR C:\\\nCOPY a .\n";
        assert_eq!((findings(&RULE, path).len(), suggested(&RULE, path).len()), (1, 0));
        let leading = "FROM a\nRUN b \\\n    && COPY c d\n";
        assert_eq!((findings(&RULE, leading).len(), suggested(&RULE, leading).len()), (1, 0));
        let bare = "FROM a\nRUN \\\nCMD b\n";
        assert_eq!((findings(&RULE, bare).len(), suggested(&RULE, bare).len()), (1, 0));
    }

    #[test]
    fn other_lines_are_quiet() {
        for text in [
            "RUN b \\\n  c\n",
            "RUN b \\\n  copy c d\n",
            "RUN echo 'b \\\nCOPY c d' > e\n",
            "RUN echo \"b\\n\\\nCOPY c d\\n\\\n\" > e\n",
            "RUN b \\\n  # RUN c\n  d\n",
            "RUN b <<EOF\nc \\\nRUN d\nEOF\n",
            "HEALTHCHECK --interval=5s \\\n  CMD b c\n",
            "ONBUILD \\\n  RUN b\n",
            "LABEL b=c \\\n  RUN=\"docker run b\"\n",
            "ENV B=\"c \\\nRUN d\"\n",
            "RUN b \\\n  USER\n",
            "RUN b \\\n  RUNNER c\n",
            "CMD [\"b\", \\\n\"RUN c\"]\n",
            "RUN b \\\n  USER=c d\n",
            "RUN b \\\\\nCOPY c d\n",
        ] {
            let text = format!("FROM a\n{text}");
            assert_eq!(findings(&RULE, &text).len(), 0, "{text}");
        }
    }
}
