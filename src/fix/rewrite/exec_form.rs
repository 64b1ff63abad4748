//! Writing a command in exec form.

use crate::{
    fix::Context,
    model::{OwnWord, ShellWord, argv},
    syntax::{
        SyntaxKind::*,
        ast::{Command, Instruction, Word, has_comment, trimmed_range},
        json,
    },
    text::{Edit, EditSet, has_raw},
};

/// A command in shell form as an array: the very arguments that the shell would hand on.
#[derive(Debug)]
pub struct ExecForm {
    /// The program and its arguments.
    words: Vec<String>,
    /// The edits that write the array.
    pub edits: EditSet,
    /// Whether shells have the program built in, or `echo` with what shells disagree about.
    pub is_builtin: bool,
}

impl ExecForm {
    /// The program.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// The exec form of an instruction in shell form; `None` where a shell has more to do than to start one program.
pub fn exec_form(ctx: &Context<'_>, instruction: &Instruction) -> Option<ExecForm> {
    let script = instruction.script()?;
    let commands: Vec<Command> = script.syntax().descendants().filter_map(Command::cast).collect();
    let [command] = commands.as_slice() else { return None };
    let (words, is_builtin) = program(command)?;
    // Nothing may stand in the script but the words and what lies between them.
    let odd = |kind| matches!(kind, SHELL_COMMENT | SEMI | AMP | RESERVED | REDIRECT | ASSIGNMENT);
    if script.syntax().descendants_with_tokens().any(|it| odd(it.kind())) || words.iter().any(|it| has_raw(it)) {
        return None;
    }
    let strings: Vec<String> = words.iter().map(|it| json::encode(it)).collect();
    let range = script.syntax().text_range();
    let significant = trimmed_range(script.syntax());
    // Comments between the words would stand in the array's line; they keep the author's form.
    if has_comment(script.syntax(), range) {
        return None;
    }
    let array = format!("[{}]", strings.join(", "));
    // In a file whose escape character is a backtick, a backtick at the line's end would go on.
    if array.contains('`') && ctx.escape() == '`' {
        return None;
    }
    let edits = Edit::replace(significant, array).into();
    Some(ExecForm { words, edits, is_builtin })
}

/// The arguments of the program that a command starts, and whether a shell has it built in.
fn program(command: &Command) -> Option<(Vec<String>, bool)> {
    if command.syntax().kind() != SIMPLE_COMMAND || command.assignments().next().is_some() {
        return None;
    }
    let words: Option<Vec<String>> = argv(command).into_iter().map(|(_, it)| it.literal().map(str::to_owned)).collect();
    let mut words = words?;
    // In bash an unquoted `!` may be history, and a `~` behind `=` or `:` a home; a quoted one is neither.
    let odd = |word: ShellWord, text: &str| word.literal().is_none_or(|_| text.contains(['~', '!', '^']));
    if command.words().any(|it| odd(ShellWord::of(&it), &unquoted(&it))) {
        return None;
    }
    // A path of Windows, on an image that does not say so.
    let is_escaped = |word: Word| word.syntax().children_with_tokens().any(|it| it.kind() == ESCAPED);
    if command.words().next().is_some_and(is_escaped) {
        return None;
    }
    if words.first().is_some_and(|it| it == "exec") {
        words.remove(0);
    }
    let is_builtin = is_builtin(&words)?;
    let control = |word: &String| word.chars().any(|it| it.is_control());
    if words.iter().any(control) {
        return None;
    }
    Some((words, is_builtin))
}

/// Whether a shell has what words start built in, or they are an `echo` with what shells disagree about; `None` where
/// they start no program.
pub fn is_builtin(words: &[String]) -> Option<bool> {
    let program = words.first()?.as_str();
    let own = OwnWord::of(program);
    // bash takes what begins with a percent sign for the name of a job.
    let no_program =
        own.is_some_and(OwnWord::is_no_program) || program.contains('=') || program.starts_with(['-', '%']);
    if program.is_empty() || no_program {
        return None;
    }
    let arguments = || words.iter().skip(1);
    let flag = || arguments().next().is_some_and(|it| it.starts_with('-'));
    let echo = program == "echo" && (flag() || arguments().any(|it| it.contains('\\')));
    Some(echo || own == Some(OwnWord::HasProgram))
}

/// What of a word stands outside quotes.
fn unquoted(word: &Word) -> String {
    word.syntax().children_with_tokens().filter(|it| it.kind() == LITERAL).map(|it| it.to_string()).collect()
}
