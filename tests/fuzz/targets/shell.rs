//! The shell tree against a referee: what `brush-parser` accepts is read here too, as the same list of commands.
//!
//! A text that begins with a keyword is a Dockerfile, of which each RUN is held against the referee; any other is the
//! text of one RUN. Both readings are written as outlines: commands, their words byte for byte, and what joins them.
#![no_main]

use brush_parser::{Parser, ParserOptions, ast};
use dockfix::syntax::{
    self, SyntaxElement,
    SyntaxKind::{self, *},
    SyntaxNode,
    ast::joined_text,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let keywords = ["FROM ", "RUN ", "ARG ", "#"];
    match keywords.iter().any(|it| text.starts_with(it)) {
        true => file(text),
        false => file(&format!("RUN {}\n", text.replace(['\n', '\r', '\0'], " ").trim())),
    }
});

fn file(text: &str) {
    let parse = syntax::parse(text);
    for it in parse.file().instructions() {
        let plain = it.kind() == RUN && it.json().is_none() && it.foreign_script().is_none();
        if !plain || it.heredocs().next().is_some() {
            continue;
        }
        let script = it.arguments();
        if script.is_empty() || is_odd(&script) {
            continue;
        }
        let Some(theirs) = referee(&script) else { continue };
        match it.script() {
            Some(ours) => {
                let mut outline = String::new();
                node(ours.syntax(), &mut outline);
                assert_eq!(outline, theirs, "of {script:?}");
            }
            None if is_known(&script) => {}
            None => panic!("not read, but by the referee: {script:?}: {:?}", parse.errors()),
        }
    }
}

/// Whether the referee and shells are known to differ about a text, or it is none of a shell's business.
fn is_odd(script: &str) -> bool {
    // Heredocs are lines below, which a RUN does not have; no author nests so deep, and the referee takes long to.
    script.contains("<<") || script.chars().filter(|it| matches!(it, '(' | '{' | '`')).count() > 12
        // Bash's older arithmetic is words to sh, and what is glued behind an array is a word to the referee.
        || script.contains("$[") || script.contains("=(")
        // A substitution of a process inside a word is a word of its own to the referee, but not to bash.
        || ["<(", ">("].iter().any(|it| script.match_indices(it).any(|it| !script[..it.0].ends_with(' ')))
        // The referee takes control characters and blanks of other alphabets for blanks, and drops a mark of byte
        // order.
        || script.chars().any(|it| it.is_control() || (it.is_whitespace() && it != ' ') || it == '\u{feff}')
}

/// Whether a text that the referee accepts is rightly not read here: bash and dash refuse it, or dash does.
fn is_known(script: &str) -> bool {
    let words: Vec<&str> = script.split(' ').filter(|it| !it.is_empty()).collect();
    let has = |openers: &[&str]| openers.iter().any(|it| script.contains(it));
    // It does not look into substitutions.
    has(&["$(", "`", "<(", ">("])
        // A `!` without a command.
        || script.split([' ', ';', '&', '|', '(']).any(|it| it == "!")
        // A pattern of extglob, blanks in its parentheses, where a command begins.
        || has(&["@(", "?(", "*(", "+(", "!("])
        // `}` behind an assignment or a redirection, which is no word of the grammar there.
        || words.iter().enumerate().any(|(i, it)| {
            let before = &words[i.saturating_sub(2)..i];
            it.starts_with('}') && before.iter().any(|it| it.contains(['=', '<', '>']))
        })
}

/// The referee's outline of a text; nothing where it refuses it.
fn referee(script: &str) -> Option<String> {
    // It panics on some texts, which are no fault of ours.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let program = std::panic::catch_unwind(|| {
        let mut parser = Parser::new(script.as_bytes(), &ParserOptions::default());
        parser.parse_program().ok()
    });
    std::panic::set_hook(hook);
    let program = program.ok().flatten()?;
    let mut out = String::new();
    for list in &program.complete_commands {
        compound_list(list, &mut out)?;
    }
    Some(out)
}

/// `None` stands for what is known to be read in another way.
fn compound_list(list: &ast::CompoundList, out: &mut String) -> Option<()> {
    for ast::CompoundListItem(item, separator) in &list.0 {
        pipeline(&item.first, out)?;
        for it in &item.additional {
            let (operator, next) = match it {
                ast::AndOr::And(next) => (" && ", next),
                ast::AndOr::Or(next) => (" || ", next),
            };
            out.push_str(operator);
            pipeline(next, out)?;
        }
        out.push_str(match separator {
            ast::SeparatorOperator::Async => " & ",
            ast::SeparatorOperator::Sequence => " ; ",
        });
    }
    Some(())
}

fn pipeline(it: &ast::Pipeline, out: &mut String) -> Option<()> {
    // `time` is a program like others here.
    if it.timed.is_some() {
        return None;
    }
    if it.bang {
        out.push_str("! ");
    }
    for (i, it) in it.seq.iter().enumerate() {
        out.push_str(if i > 0 { " | " } else { "" });
        command(it, out)?;
    }
    Some(())
}

fn command(it: &ast::Command, out: &mut String) -> Option<()> {
    match it {
        ast::Command::Simple(it) => {
            let prefix = it.prefix.iter().flat_map(|it| &it.0);
            for it in prefix {
                item(it, true, out);
            }
            if let Some(name) = &it.word_or_name {
                word(&name.value, out);
            }
            for it in it.suffix.iter().flat_map(|it| &it.0) {
                item(it, false, out);
            }
            Some(())
        }
        ast::Command::Compound(it, _) => compound(it, out),
        ast::Command::Function(it) => {
            out.push_str("function ");
            compound(&it.body.0, out)
        }
        ast::Command::ExtendedTest(..) => {
            out.push_str("[[ ]]");
            Some(())
        }
    }
}

fn item(it: &ast::CommandPrefixOrSuffixItem, before: bool, out: &mut String) {
    match it {
        ast::CommandPrefixOrSuffixItem::IoRedirect(_) => {}
        ast::CommandPrefixOrSuffixItem::Word(it) => word(&it.value, out),
        ast::CommandPrefixOrSuffixItem::AssignmentWord(_, it) if before => {
            out.push_str("<=> ");
            let _ = it;
        }
        ast::CommandPrefixOrSuffixItem::AssignmentWord(_, it) => word(&it.value, out),
        ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => out.push_str("<( "),
    }
}

fn word(text: &str, out: &mut String) {
    match text.starts_with("<(") || text.starts_with(">(") {
        true => out.push_str("<( "),
        false => {
            // The referee drops blanks inside braces and arrays.
            out.extend(text.chars().filter(|it| *it != ' '));
            out.push(' ');
        }
    }
}

fn compound(it: &ast::CompoundCommand, out: &mut String) -> Option<()> {
    use ast::CompoundCommand::*;
    match it {
        Arithmetic(_) => out.push_str("(( ))"),
        ArithmeticForClause(it) => {
            out.push_str("for ");
            compound_list(&it.body.list, out)?;
            out.push_str("done");
        }
        ForClause(it) => {
            out.push_str("for ");
            for it in it.values.iter().flatten() {
                word(&it.value, out);
            }
            compound_list(&it.body.list, out)?;
            out.push_str("done");
        }
        BraceGroup(it) => {
            out.push_str("{ ");
            compound_list(&it.list, out)?;
            out.push('}');
        }
        Subshell(it) => {
            out.push_str("( ");
            compound_list(&it.list, out)?;
            out.push(')');
        }
        CaseClause(it) => {
            out.push_str("case ");
            word(&it.value.value, out);
            for it in &it.cases {
                for it in &it.patterns {
                    word(&it.value, out);
                }
                out.push_str(") ");
                if let Some(list) = &it.cmd {
                    compound_list(list, out)?;
                }
            }
            out.push_str("esac");
        }
        IfClause(it) => {
            out.push_str("if ");
            compound_list(&it.condition, out)?;
            compound_list(&it.then, out)?;
            for it in it.elses.iter().flatten() {
                if let Some(condition) = &it.condition {
                    compound_list(condition, out)?;
                }
                compound_list(&it.body, out)?;
            }
            out.push_str("fi");
        }
        WhileClause(it) | UntilClause(it) => {
            out.push_str("while ");
            compound_list(&it.0, out)?;
            compound_list(&it.1.list, out)?;
            out.push_str("done");
        }
        // `coproc` is a program like others here.
        Coprocess(_) => return None,
    }
    Some(())
}

/// Our outline.
fn node(it: &SyntaxNode, out: &mut String) {
    match it.kind() {
        LIST => {
            // The last command may have no separator.
            let mut open = false;
            for child in it.children_with_tokens() {
                match child {
                    SyntaxElement::Node(child) => {
                        out.push_str(if open { " ; " } else { "" });
                        node(&child, out);
                        open = true;
                    }
                    SyntaxElement::Token(token) if matches!(token.kind(), SEMI | AMP) => {
                        out.push_str(if token.kind() == AMP { " & " } else { " ; " });
                        open = false;
                    }
                    SyntaxElement::Token(_) => {}
                }
            }
            out.push_str(if open { " ; " } else { "" });
        }
        PIPELINE => {
            // Two of `!` take each other away.
            let bangs = it.children_with_tokens().filter(|it| it.kind() == RESERVED).count();
            out.push_str(if bangs % 2 == 1 { "! " } else { "" });
            inside(it, out);
        }
        SIMPLE_COMMAND => {
            for child in it.children() {
                match child.kind() {
                    WORD => word(&joined_text(&child), out),
                    ASSIGNMENT => out.push_str("<=> "),
                    _ => {}
                }
            }
        }
        SUBSHELL => clause("( ", it, ")", out),
        BRACE_GROUP => clause("{ ", it, "}", out),
        IF_CLAUSE => clause("if ", it, "fi", out),
        WHILE_CLAUSE => clause("while ", it, "done", out),
        FOR_CLAUSE => clause("for ", it, "done", out),
        CASE_CLAUSE => clause("case ", it, "esac", out),
        FUNCTION_DEF => clause("function ", it, "", out),
        COND_COMMAND => out.push_str("[[ ]]"),
        ARITH_CLAUSE => out.push_str("(( ))"),
        CASE_ITEM => {
            for child in it.children_with_tokens() {
                match child {
                    SyntaxElement::Node(child) if child.kind() == WORD => word(&joined_text(&child), out),
                    SyntaxElement::Node(child) => node(&child, out),
                    SyntaxElement::Token(token) if token.kind() == R_PAREN => out.push_str(") "),
                    SyntaxElement::Token(_) => {}
                }
            }
        }
        WORD => word(&joined_text(it), out),
        REDIRECT => {}
        _ => inside(it, out),
    }
}

fn clause(open: &str, it: &SyntaxNode, close: &str, out: &mut String) {
    out.push_str(open);
    inside(it, out);
    out.push_str(close);
}

fn inside(it: &SyntaxNode, out: &mut String) {
    // An operator that runs over a line break is two tokens.
    let mut last = None;
    for child in it.children_with_tokens().filter(|it| !it.kind().is_trivia()) {
        match &child {
            SyntaxElement::Node(child) => node(child, out),
            SyntaxElement::Token(token) if last == Some(token.kind()) => {}
            SyntaxElement::Token(token) => out.push_str(operator(token.kind())),
        }
        last = Some(child.kind());
    }
}

fn operator(kind: SyntaxKind) -> &'static str {
    match kind {
        AND_IF => " && ",
        OR_IF => " || ",
        PIPE => " | ",
        _ => "",
    }
}
