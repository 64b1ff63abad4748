use text_size::{TextRange, TextSize};

use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, comment_above, rule},
    model::build::{Field, Part},
    syntax::{
        SyntaxKind::*,
        ast::{Instruction, tokens},
        json,
    },
    text::{Edit, EditSet, has_raw},
};

rule! {
    /// ## What it does
    /// Repairs what was to be a JSON array and isn't one: single or typographic quotes, a comma too many or too few, a
    /// comment behind the array.
    ///
    /// ## Why
    /// What is not strict JSON is silently taken for shell text, and the shell then looks for a program called
    /// `[python,`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3
    /// CMD ['python', 'main.py']
    /// ```
    /// ```dockerfile
    /// FROM python:3
    /// CMD ["python", "main.py"]
    /// ```
    /// ```dockerfile
    /// FROM nginx
    /// VOLUME ["/a", "/b",]
    /// CMD ["nginx", "-g", "daemon off;"] # in front
    /// ```
    /// ```dockerfile
    /// FROM nginx
    /// VOLUME ["/a", "/b"]
    /// # in front
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    ///
    /// ## Safety and effect
    /// Safe where the reading is certain, and the image changes on purpose: a command that fails begins to work. Shown
    /// only where it isn't: in RUN and HEALTHCHECK, where the text is run by a shell and may be meant so, where an item
    /// has no quotes, and where it holds a backslash or a variable. A test like `[ -f x ]`, or `[ 'x' ]`, and
    /// PowerShell's `[Type]::Member` are left alone.
    pub static RULE = {
        name: "broken-exec-form",
        summary: "An array that is not JSON, and so is shell text",
        since: "0.1.0",
        group: Group::Commands,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[
            Change::Config(Field::Cmd),
            Change::Config(Field::Entrypoint),
            Change::Config(Field::Volumes),
            Change::Step(Part::Sources),
            Change::Step(Part::Destination),
        ],
        default: true,
        ids: &["JSONArgsRecommended", "S7030"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions() {
        let kinds = [CMD, ENTRYPOINT, HEALTHCHECK, RUN, COPY, ADD, VOLUME];
        if !kinds.contains(&instruction.kind()) || instruction.json().is_some() {
            continue;
        }
        if !ctx.slice(instruction.syntax().text_range()).contains('[') {
            continue;
        }
        let arguments = instruction.arguments();
        let text = if instruction.kind() == HEALTHCHECK { probe(&arguments) } else { Some(arguments.as_str()) };
        let Some(array) = text.and_then(read) else { continue };
        let keyword = instruction.kind().keyword();
        findings.push(Finding {
            rule: &RULE,
            range: instruction.range(),
            message: format!("this array is not JSON ({}), so {keyword} takes it for text", array.flaw),
            fix: repair(ctx, instruction, &array),
        });
    }
}

/// What stands behind the `CMD` of a HEALTHCHECK.
fn probe(arguments: &str) -> Option<&str> {
    let (word, rest) = arguments.split_once([' ', '\t'])?;
    word.eq_ignore_ascii_case("cmd").then(|| rest.trim_start_matches([' ', '\t']))
}

/// What was to be an array.
#[derive(Debug, Default, PartialEq, Eq)]
struct Array {
    items: Vec<String>,
    /// What keeps it from being JSON.
    flaw: &'static str,
    /// Whether the reading is certain.
    certain: bool,
    /// The comment behind it.
    comment: Option<String>,
    /// Whether a blank follows its bracket: a shell takes that for a test.
    spaced: bool,
}

/// Reads a text that is not JSON as an array, if it looks like one.
fn read(text: &str) -> Option<Array> {
    let mut rest = text.strip_prefix('[')?;
    let mut array = Array { certain: true, spaced: rest.starts_with([' ', '\t']), ..Array::default() };
    let mut comma = true;
    loop {
        let before = rest;
        rest = rest.trim_start_matches([' ', '\t']);
        let next = rest.chars().next()?;
        if next == ']' {
            rest = &rest[1..];
            break;
        }
        if next == ',' {
            if comma {
                array.flaw = "a comma too many";
                array.certain &= !array.items.is_empty();
            }
            comma = true;
            rest = &rest[1..];
            continue;
        }
        if !comma {
            array.flaw = "a comma is missing";
            array.certain &= rest.len() < before.len();
        }
        rest = array.item(rest, next)?;
        comma = false;
    }
    if array.items.is_empty() {
        return None;
    }
    if comma {
        array.flaw = "a comma behind the last item";
    }
    let behind = rest.trim();
    if let Some(comment) = behind.strip_prefix('#') {
        array.comment = Some(format!("#{comment}"));
        array.flaw = "text behind it";
        array.certain &= rest.starts_with([' ', '\t']);
    } else if !behind.is_empty() {
        return None;
    }
    // What has no flaw that is known here fails for its blanks.
    (!array.flaw.is_empty()).then_some(array)
}

impl Array {
    /// Takes an item from the start of a text, and gives back the rest.
    fn item<'a>(&mut self, text: &'a str, open: char) -> Option<&'a str> {
        let closers: &[char] = match open {
            '"' => &['"'],
            '\'' => &['\''],
            '“' | '”' | '„' => &['”', '“', '"'],
            '‘' | '’' | '‚' => &['’', '‘', '\''],
            _ => return self.bare(text),
        };
        if open != '"' {
            self.flaw = "quotes other than `\"`";
        }
        let inner = &text[open.len_utf8()..];
        if open == '"' {
            // A double-quoted item may be JSON as it is, with all its escapes.
            if let Some(len) = json::string_len(text) {
                self.items.push(json::decode(&text[..len]));
                return Some(&text[len..]);
            }
            self.flaw = "a backslash that is no escape of JSON";
        }
        let end = inner.find(closers)?;
        let item = &inner[..end];
        self.certain &= !item.contains(['\\', '$']) && !item.chars().any(char::is_control) && (open != '"');
        self.items.push(item.to_owned());
        let closer = inner[end..].chars().next().map_or(0, char::len_utf8);
        Some(&inner[end + closer..])
    }

    /// An item without quotes, which may be a number of things.
    fn bare<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let end = text.find([',', ']'])?;
        let item = text[..end].trim_end();
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@+$%{}".contains(c);
        // One without commas is a test, or PowerShell; so is one with blanks in it.
        if item.is_empty()
            || item.starts_with('-')
            || !item.chars().all(plain)
            || !text.contains(',') && self.items.is_empty()
        {
            return None;
        }
        self.flaw = "an item without quotes";
        self.certain = false;
        self.items.push(item.to_owned());
        Some(&text[end..])
    }
}

fn repair(ctx: &Context<'_>, instruction: &Instruction, array: &Array) -> Option<Fix> {
    let shell = matches!(instruction.kind(), RUN | HEALTHCHECK);
    let test = array.spaced && array.items.len() == 1;
    if (shell && test) || array.items.iter().any(|it| has_raw(it)) {
        return None;
    }
    // Comments between the items, and an array that runs over lines, are more than this can put in place.
    if tokens(instruction.syntax()).any(|it| matches!(it.kind(), COMMENT_LINE | EMPTY_LINE | CONTINUATION)) {
        return None;
    }
    let certain = array.certain && !shell && !test;
    let strings: Vec<String> = array.items.iter().map(|it| json::encode(it)).collect();
    // A bracket may stand in a flag too.
    let flags = instruction.flags().last().map(|it| it.syntax().text_range().end());
    let behind = TextRange::new(flags.unwrap_or(instruction.range().start()), instruction.range().end());
    let text = ctx.slice(behind);
    let before = TextSize::of(&text[..text.find('[')?]);
    let range = TextRange::new(behind.start() + before, behind.end());
    let mut edits = EditSet::from(Edit::replace(range, format!("[{}]", strings.join(", "))));
    if let Some(comment) = &array.comment {
        edits.push(comment_above(ctx, instruction, comment)?).ok()?;
    }
    Some(Fix {
        title: "Write the array as JSON".to_owned(),
        safety: if certain { Safety::Safe } else { Safety::Suggest },
        effect: Effect::Image,
        edits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings, suggested};

    fn cmd(text: &str) -> String {
        format!("FROM a\nCMD {text}\n")
    }

    #[test]
    fn certain_readings_are_repaired() {
        for (broken, array) in [
            ("['a', 'b']", r#"["a", "b"]"#),
            ("[ 'a','b' ]", r#"["a", "b"]"#),
            ("['say \"x\"', 'b']", r#"["say \"x\"", "b"]"#),
            ("[“a”, “b c”]", r#"["a", "b c"]"#),
            (r#"["a", "b",]"#, r#"["a", "b"]"#),
            (r#"["a" "b", "c"]"#, r#"["a", "b", "c"]"#),
            (r#"["a",, "b"]"#, r#"["a", "b"]"#),
            (r#"["a", 'b']"#, r#"["a", "b"]"#),
            ("['a']", r#"["a"]"#),
            (r#"["a\\b", "c",]"#, r#"["a\\b", "c"]"#),
        ] {
            check(&RULE, &cmd(broken), &cmd(array));
        }
        check(&RULE, "FROM a\nCOPY --exclude=[b] ['/a', '/c']\n", "FROM a\nCOPY --exclude=[b] [\"/a\", \"/c\"]\n");
        check(&RULE, "FROM a\nVOLUME ['/a']\n", "FROM a\nVOLUME [\"/a\"]\n");
        check(&RULE, "FROM a\nCOPY --from=b ['/a b', '/c']\n", "FROM a\nCOPY --from=b [\"/a b\", \"/c\"]\n");
    }

    #[test]
    fn a_comment_behind_goes_above() {
        check(&RULE, "FROM a\nUSER b\nCMD [\"c\"] # d\n", "FROM a\nUSER b\n# d\nCMD [\"c\"]\n");
    }

    #[test]
    fn uncertain_readings_are_only_shown() {
        for (broken, array) in [
            ("[python, main.py]", r#"["python", "main.py"]"#),
            (r#"["a", $PORT]"#, r#"["a", "$PORT"]"#),
            ("['a', '$b']", r#"["a", "$b"]"#),
            (r#"["a""b"]"#, r#"["a", "b"]"#),
            (r"['c:\d', 'e']", r#"["c:\\d", "e"]"#),
            ("[ 'a' ]", r#"["a"]"#),
            (r#"["C:\Windows\a.exe"]"#, r#"["C:\\Windows\\a.exe"]"#),
        ] {
            check_same(&RULE, &cmd(broken));
            assert_eq!(suggested(&RULE, &cmd(broken)), [cmd(array)], "{broken}");
        }
        let run = "FROM a\nRUN ['apt-get', 'update']\n";
        assert_eq!(suggested(&RULE, run), ["FROM a\nRUN [\"apt-get\", \"update\"]\n"]);
        let check = "FROM a\nHEALTHCHECK --retries=3 cmd ['curl','b']\n";
        assert_eq!(suggested(&RULE, check), ["FROM a\nHEALTHCHECK --retries=3 cmd [\"curl\", \"b\"]\n"]);
        check_same(&RULE, check);
    }

    #[test]
    fn tests_and_powershell_stay() {
        for text in [
            "FROM a\nRUN [ -f x ]\n",
            "FROM a\nRUN [ 'x' ] && a\n",
            "FROM a\nRUN [ -n \"$x\" ] || exit 1\n",
            "FROM a\nCMD [ -f x ] && y\n",
            "FROM a\nSHELL [\"powershell\"]\nRUN [Net.ServicePointManager]::SecurityProtocol = 1\n",
            "FROM a\nRUN [Environment]::SetEnvironmentVariable('a', 'b')\n",
            "FROM a\nCMD [\"a\"] && b\n",
            "FROM a\nCMD [\"a\", \"b\"]\n",
            "FROM a\nCMD []\n",
            "FROM a\nCMD [x]\n",
            "FROM a\nHEALTHCHECK NONE\n",
            "FROM a\nHEALTHCHECK CMD [ -f x ]\n",
            "FROM a\nHEALTHCHECK CMD [\"a\", \"b\"]\n",
            "FROM a\nONBUILD CMD ['a', 'b']\n",
        ] {
            assert_eq!(findings(&RULE, text).len(), 0, "{text}");
        }
        check_same(&RULE, "FROM a\nCMD ['a', \\\n  'b']\n");
    }
}
