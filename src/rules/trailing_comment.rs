use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, comment_above, rule},
    model::build::{Field, Part},
    syntax::{
        Pragma, SyntaxKind,
        SyntaxKind::*,
        ast::{Instruction, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Moves a comment that stands behind an instruction to the line above it.
    ///
    /// ## Why
    /// Only a shell knows such comments. Elsewhere the hash and the words behind it are arguments: ports, files, names.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ARG VERSION=4.4.1 # the last good one
    /// COPY app.conf /etc/ # settings
    /// EXPOSE 80 # web
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// # the last good one
    /// ARG VERSION=4.4.1
    /// # settings
    /// COPY app.conf /etc/
    /// # web
    /// EXPOSE 80
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe, though what it mends seldom worked: EXPOSE, STOPSIGNAL, COPY and ADD fail for it, USER names a user that
    /// there isn't, and ARG declares its words. The image changes to what was meant. In WORKDIR, VOLUME, FROM and
    /// HEALTHCHECK, and in `ENV key value # comment`, it is only shown. Behind an array, `broken-exec-form` deals with
    /// it. An error that keeps dockfix from the whole file is `ENV key=value # comment`.
    pub static RULE = {
        name: "trailing-comment",
        summary: "A comment behind an instruction that takes it for arguments",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: &[
            Change::Config(Field::ExposedPorts),
            Change::Config(Field::StopSignal),
            Change::Config(Field::User),
            Change::Step(Part::User),
            Change::Step(Part::Sources),
            Change::Step(Part::Destination),
            Change::Step(Part::Environment),
        ],
        default: true,
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.model.stages.iter().flat_map(|it| &it.instructions) {
        let kind = instruction.kind();
        // FROM with a comment is an error, which is no reason to say nothing of it.
        if !(ctx.sound(instruction) || kind == FROM) {
            continue;
        }
        let Some(start) = comment(ctx, instruction) else { continue };
        let fix = lift(ctx, instruction, start).map(|edits| Fix {
            title: "Move the comment above".to_owned(),
            safety: if is_certain(kind) { Safety::Unsafe } else { Safety::Suggest },
            effect: Effect::Image,
            edits,
        });
        let range = TextRange::new(start, instruction.range().end());
        let message = format!("{} has no comments behind it: this is taken for arguments", kind.keyword());
        findings.push(Finding { rule: &RULE, range, message, fix });
    }
}

/// Whether it is certain that the instruction does not mean what it says.
fn is_certain(kind: SyntaxKind) -> bool {
    matches!(kind, ARG | EXPOSE | COPY | ADD | USER | STOPSIGNAL)
}

/// Where a comment begins behind the arguments of an instruction.
fn comment(ctx: &Context<'_>, instruction: &Instruction) -> Option<TextSize> {
    if !ctx.slice(instruction.syntax().text_range()).contains('#') {
        return None;
    }
    let before = match instruction.kind() {
        COPY | ADD => 2,
        FROM | ARG | ENV | LABEL | EXPOSE | USER | WORKDIR | VOLUME | STOPSIGNAL => 1,
        HEALTHCHECK if instruction.json().is_none() && instruction.arguments().contains('[') => 2,
        _ => return None,
    };
    // In the pairs of the new form the hash is an error, or part of a quoted value.
    if matches!(instruction.kind(), ENV | LABEL) && instruction.pairs().any(|it| it.has_eq()) {
        return None;
    }
    let flags = instruction.flags().last().map(|it| it.syntax().text_range().end());
    let from = flags.unwrap_or(instruction.keyword_range().end());
    let text = ctx.slice(TextRange::new(from, instruction.range().end()));
    // A heredoc, a broken line or quotes are more than can be read here word by word.
    if instruction.heredocs().next().is_some() || text.contains('\n') {
        return None;
    }
    let at = text.match_indices('#').map(|it| it.0).find(|at| text[..*at].ends_with([' ', '\t']))?;
    let (arguments, comment) = text.split_at(at);
    let balanced = ['"', '\''].iter().all(|it| arguments.matches(*it).count() % 2 == 0);
    let words = arguments.split_whitespace().count();
    // `#2` and `#fff` are rather values; a word behind a blank is not.
    let telling = comment.trim_start_matches('#').starts_with([' ', '\t'])
        || (!matches!(instruction.kind(), ENV | LABEL) && comment.len() > 1);
    let at = TextSize::try_from(at).ok()?;
    (balanced && words >= before && telling).then_some(from + at)
}

fn lift(ctx: &Context<'_>, instruction: &Instruction, start: TextSize) -> Option<EditSet> {
    let end = instruction.range().end();
    let comment = ctx.slice(TextRange::new(start, end));
    let head = ctx.slice(TextRange::new(instruction.range().start(), start));
    let kept = TextSize::try_from(head.trim_end().len()).ok()?;
    // What stands right above a word to a tool would come between the two.
    let above = tokens(instruction.syntax()).next()?.prev_token();
    let pragma = above.is_some_and(|it| it.kind() == COMMENT_LINE && Pragma::of(it.text()).is_some());
    let mut edits = EditSet::from(comment_above(ctx, instruction, comment).filter(|_| !pragma)?);
    edits.push(Edit::delete(TextRange::new(instruction.range().start() + kept, end))).ok()?;
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings, suggested};

    #[test]
    fn comments_go_above() {
        for (before, after) in [
            ("EXPOSE 80 # web", "# web\nEXPOSE 80"),
            ("EXPOSE 41951-41960 #For printing", "#For printing\nEXPOSE 41951-41960"),
            ("ARG A=\"b c\"  # d", "# d\nARG A=\"b c\""),
            ("EXPOSE 81 # check it", "# check it\nEXPOSE 81"),
            ("USER app # not root", "# not root\nUSER app"),
            ("COPY --chown=a b c # d", "# d\nCOPY --chown=a b c"),
            ("STOPSIGNAL SIGINT # stop", "# stop\nSTOPSIGNAL SIGINT"),
        ] {
            check_unsafe(
                &RULE,
                &format!("FROM x\nRUN y\n{before}\nRUN z\n"),
                &format!("FROM x\nRUN y\n{after}\nRUN z\n"),
            );
        }
    }

    #[test]
    fn what_works_in_its_way_is_shown() {
        for (before, after) in [
            ("WORKDIR /app # c", "# c\nWORKDIR /app"),
            ("VOLUME /a /b # c", "# c\nVOLUME /a /b"),
            ("ENV A b # for c", "# for c\nENV A b"),
            ("HEALTHCHECK CMD [\"a\"] # c", "# c\nHEALTHCHECK CMD [\"a\"]"),
            ("FROM y # c", "# c\nFROM y"),
        ] {
            assert_eq!(suggested(&RULE, &format!("FROM x\n{before}\n")), [format!("FROM x\n{after}\n")]);
        }
    }

    #[test]
    fn what_is_no_comment_stays() {
        for text in [
            "RUN a # b",
            "CMD a # b",
            "ENTRYPOINT a # b",
            "ENV A b#c",
            "ENV A #fff",
            "ENV A \"b # c\"",
            "LABEL a data #2",
            "LABEL a=\"b # c\"",
            "COPY # a",
            "COPY a#b c",
            "USER #",
            "ARG A='b # c'",
            "MAINTAINER a # b",
            "ONBUILD EXPOSE 80 # a",
            "HEALTHCHECK CMD a # b",
            "COPY a \\\n  # b\n  c",
        ] {
            assert_eq!(findings(&RULE, &format!("FROM x\n{text}\n")).len(), 0, "{text}");
        }
        check_same(&RULE, "FROM x\nEXPOSE 80 # hadolint ignore=DL3011\n");
        check_same(&RULE, "FROM x\n# hadolint ignore=DL3011\nEXPOSE 80 # a\n");
    }
}
