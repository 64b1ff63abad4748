use text_size::TextRange;

use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::is_word,
    syntax::{
        SyntaxKind::*,
        ast::{KeyValue, tokens},
    },
    text::{Edit, EditSet},
};

rule! {
    /// ## What it does
    /// Writes `ENV key value` and `LABEL key value` as `key=value`, with quotes where the value needs them.
    ///
    /// ## Why
    /// The form with a blank takes only one pair, hides where the value begins, and is deprecated.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// ENV PATH /opt/bin:$PATH
    /// ENV GREETING hello  world
    /// ENV MIXED one "two  three"
    /// LABEL version 1.0
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// ENV PATH=/opt/bin:$PATH
    /// ENV GREETING="hello  world"
    /// ENV MIXED=one\ "two  three"
    /// LABEL version=1.0
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the value is the same, character for character. A value whose quotes are not
    /// balanced is left alone, and so is one under ONBUILD, whose text is stored in the image. `ENV key = value` is the
    /// matter of `spaced-pair`, and reported here only where that one does not run. `ENV key value # comment` is
    /// reported, and left to `trailing-comment`; and so is a value that looks as if more than one were meant, as where
    /// each of its lines begins with a name, for its author must say which.
    pub static RULE = {
        name: "legacy-key-value",
        summary: "`ENV key value` instead of `ENV key=value`",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["LegacyKeyValueFormat"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    // One mistake is told once.
    let told_elsewhere = ctx.rules.iter().any(|it| it.name == "spaced-pair");
    for instruction in ctx.instructions_of(&[ENV, LABEL]) {
        for pair in instruction.pairs().filter(|it| !it.has_eq()) {
            let keyword = instruction.kind().keyword();
            let value = pair.value();
            if told_elsewhere && value.starts_with('=') {
                continue;
            }
            let suspect = suspicion(ctx, &pair, &value);
            let message = format!("`{keyword} key value` is the legacy form{suspect}");
            // What to make of `key = value`, and of a comment behind the value, is the matter of other rules.
            let edits = if suspect.is_empty() && !value.contains(" #") { rewrite(ctx, &pair) } else { None };
            let fix = edits.map(|edits| Fix {
                title: "Write `key=value`".to_owned(),
                safety: Safety::Safe,
                effect: Effect::None,
                edits,
            });
            findings.push(Finding { rule: &RULE, range: instruction.range(), message, fix });
        }
    }
}

/// What a value looks like that is hardly meant to be all of one.
fn suspicion(ctx: &Context<'_>, pair: &KeyValue, value: &str) -> &'static str {
    let is_name = |it: &str| {
        it.starts_with(|it: char| it.is_ascii_uppercase())
            && it.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
    };
    let begins_pair = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(is_name) && words.next().is_some_and(|it| it != "\\")
    };
    let spread = ctx.slice(pair.syntax().text_range()).contains('\n');
    let mut lines = tokens(pair.syntax()).filter(|it| it.kind() == VALUE).skip(1);
    if value.starts_with('=') {
        "; it looks as if `=` were meant to separate"
    } else if !value.contains(' ') {
        ""
    } else if spread && lines.any(|it| begins_pair(it.text())) {
        "; all lines are one value, though each looks like a pair of its own"
    } else if value.split_whitespace().skip(1).any(|it| matches!(it, "ENV" | "RUN" | "COPY" | "LABEL" | "EXPOSE")) {
        "; it looks as if another instruction began in the value"
    } else {
        ""
    }
}

fn rewrite(ctx: &Context<'_>, pair: &KeyValue) -> Option<EditSet> {
    let (key, value, escape) = (pair.key(), pair.value(), ctx.escape());
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.-/".contains(&it));
    if !(plain && is_word(&value, escape)) || value.ends_with(escape) {
        return None;
    }
    let first = pair.syntax().children_with_tokens().find(|it| it.kind() == VALUE)?.text_range();
    let last = tokens(pair.syntax()).filter(|it| it.kind() == VALUE).last()?.text_range();
    let gap = pair.syntax().children_with_tokens().find(|it| it.kind() == WHITESPACE)?.text_range();
    let key_end = tokens(pair.syntax()).filter(|it| it.kind() == KEY).last()?.text_range().end();
    // A comment or a line break between the key and the value stays: only a lone gap is closed.
    if gap.end() != first.start() || gap.start() != key_end {
        return spread(pair, &value, escape);
    }
    let blank = value.contains(char::is_whitespace);
    // What is nothing special in quotes either: BuildKit runs no backticks.
    let quoted = value.contains(['"', '\'', escape]);
    let mut edits = EditSet::default();
    if !blank {
        edits.push(Edit::replace(gap, "=")).ok()?;
    } else if !quoted {
        edits.push(Edit::replace(gap, "=\"")).ok()?;
        edits.push(Edit::insert(last.end(), "\"")).ok()?;
    } else if first == last {
        edits.push(Edit::replace(gap, "=")).ok()?;
        edits.push(Edit::replace(first, escape_blanks(&value, escape)?)).ok()?;
    } else {
        return None;
    }
    Some(edits)
}

/// A value that begins on a later line than its key: the key's line keeps its break inside the quotes, which is sound
/// only where the value is quoted as a whole, and then what was indentation would become part of it. So the break
/// goes, if nothing but blanks stands with it.
fn spread(pair: &KeyValue, value: &str, escape: char) -> Option<EditSet> {
    let comments = tokens(pair.syntax()).any(|it| matches!(it.kind(), COMMENT_LINE | EMPTY_LINE));
    let key_end = tokens(pair.syntax()).filter(|it| it.kind() == KEY).last()?.text_range().end();
    let first = tokens(pair.syntax()).find(|it| it.kind() == VALUE)?.text_range();
    let last = tokens(pair.syntax()).filter(|it| it.kind() == VALUE).last()?.text_range();
    if comments || value.contains(['"', '\'', escape]) {
        return None;
    }
    let quote = if value.contains(char::is_whitespace) { "\"" } else { "" };
    let mut edits = EditSet::from(Edit::replace(TextRange::new(key_end, first.start()), format!("={quote}")));
    if !quote.is_empty() {
        edits.push(Edit::insert(last.end(), quote)).ok()?;
    }
    Some(edits)
}

/// The value with an escape before each blank outside quotes; `None` where a variable's braces hold one.
fn escape_blanks(value: &str, escape: char) -> Option<String> {
    let mut out = String::with_capacity(value.len() + 8);
    let mut quote = None;
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => out.push(escape),
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '$' && chars.peek() == Some(&'{') => return None,
            None if c == escape => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            // Quotes in braces are others, whose blanks stand in none of these.
            Some('"') if c == '$' && holds_quote(chars.clone()) => return None,
            Some('"') if c == escape => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            Some(open) if c == open => quote = None,
            _ => {}
        }
        out.push(c);
    }
    Some(out)
}

/// Whether the braces that begin a text have a quote in them.
fn holds_quote(mut text: impl Iterator<Item = char>) -> bool {
    text.next() == Some('{') && text.take_while(|it| *it != '}').any(|it| it == '"' || it == '\'')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same};

    fn env(text: &str) -> String {
        format!("FROM a\nENV {text}\n")
    }

    #[test]
    fn values_are_the_same_character_for_character() {
        for (legacy, new) in [
            ("A b", "A=b"),
            ("A   b", "A=b"),
            ("A hello   world", "A=\"hello   world\""),
            ("T a=b c=d", "T=\"a=b c=d\""),
            ("A -Dq=\"a b\"", "A=-Dq=\"a b\""),
            ("A x\\ y", "A=x\\ y"),
            ("A it's 'a  b' c's", "A=it's 'a\\ \\ b' c's"),
            ("A 'single $X'", "A='single $X'"),
            ("A \"-Xmx1g -Xms1g\"", "A=\"-Xmx1g -Xms1g\""),
            ("A x \"b  c\" y", "A=x\\ \"b  c\"\\ y"),
            ("A a\u{a0}b", "A=\"a\u{a0}b\""),
            ("A one \\\n    two \\\n    # c\n    three", "A=\"one \\\n    two \\\n    # c\n    three\""),
            ("A $B/c:${D:-e}", "A=$B/c:${D:-e}"),
            ("A `b -c 1`", "A=\"`b -c 1`\""),
            ("A `b`", "A=`b`"),
            ("A \\\n    `b  c`", "A=\"`b  c`\""),
            ("A a#b", "A=a#b"),
            ("A \"b $ \"", "A=\"b $ \""),
            ("A \"b ${C} d\"", "A=\"b ${C} d\""),
        ] {
            check(&RULE, &env(legacy), &env(new));
        }
        check(&RULE, "FROM a\nLABEL maintainer \"J R <j@x>\"\n", "FROM a\nLABEL maintainer=\"J R <j@x>\"\n");
        check(&RULE, "# escape=`\nFROM a\nENV A c:\\b\n", "# escape=`\nFROM a\nENV A=c:\\b\n");
    }

    #[test]
    fn what_is_odd_stays() {
        for text in [
            "FROM a\nENV A=b C=d\n",
            "FROM a\nENV A = b\n",
            "FROM a\nENV A b \\\n    C d\n",
            "FROM a\nENV A /b ENV C d\n",
            "FROM a\nENV A \"${B:-\"c d\"}\"\n",
            "FROM a\nLABEL A b \"${B:-\"c d\"}\" e\n",
            "FROM a\nENV A it's\n",
            "FROM a\nENV A \"b\n",
            "FROM a\nENV \"A\" b\n",
            "FROM a\nENV $A b\n",
            "FROM a\nENV A b\\\\\\\\ \\\n\n",
            "FROM a\nENV A ${B:-c d} \"e\"\n",
            "FROM a\nONBUILD ENV A b\n",
            "FROM a\nARG A b\n",
        ] {
            check_same(&RULE, text);
        }
    }
}
