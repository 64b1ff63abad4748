//! Pipes in shell text, and what changes for them where a shell begins to look at every command of one.

use super::{Call, fetches::is_fetch, own_words::has_bash_variable, programs, simple_commands};
use crate::syntax::{
    Green,
    SyntaxKind::*,
    SyntaxNode,
    ast::{Command, Script, joined_text},
    visit_tokens,
};

/// Two commands or more with a pipe between them.
#[derive(Debug)]
pub struct Pipe {
    node: SyntaxNode,
    commands: Vec<Command>,
}

/// The pipes of a script, those in substitutions and compound commands included.
pub fn pipes(script: &Script) -> impl Iterator<Item = Pipe> {
    let piped = Green::read(script.syntax(), |it| it.holds(PIPE));
    let nodes = piped.then(|| script.syntax().descendants()).into_iter().flatten().filter(|it| it.kind() == PIPELINE);
    let pipes = nodes.map(|node| Pipe { commands: node.children().filter_map(Command::cast).collect(), node });
    pipes.filter(|it| it.commands.len() > 1)
}

impl Pipe {
    /// The node.
    pub fn syntax(&self) -> &SyntaxNode {
        &self.node
    }

    /// The commands, in order.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// Whether a command before the last may fail, which nobody sees without `pipefail`.
    pub fn may_hide(&self) -> bool {
        let is_writer = |it: &Command| match it.kind() {
            BRACE_GROUP | SUBSHELL => simple_commands(it.syntax()).all(|it| writes(&it)) || never_fails(it.syntax()),
            _ => writes(it),
        };
        self.commands.split_last().is_some_and(|it| !it.1.iter().all(is_writer))
    }

    /// Whether anybody asks how it ended. Nobody does where it stands in a substitution whose status is lost, with or
    /// without `pipefail`: among the words of a command or of a `for`. That of an assignment alone is the assignment's.
    /// Nobody does where the build is to go on in any case, as before `|| true`.
    pub fn is_asked(&self) -> bool {
        if self.node.parent().is_some_and(|it| goes_on_behind(&it, &self.node)) {
            return false;
        }
        let mut around = self.node.ancestors().filter(|it| matches!(it.kind(), COMMAND_SUBST | PROCESS_SUBST));
        around.all(|subst| {
            let assignment = subst.ancestors().skip(1).find(|it| !matches!(it.kind(), WORD | DOUBLE_QUOTED));
            let command = assignment.filter(|it| it.kind() == ASSIGNMENT).and_then(|it| it.parent());
            let command = command.and_then(Command::cast).filter(|it| it.words().next().is_none());
            subst.kind() == COMMAND_SUBST && command.is_some()
        })
    }

    /// Whether it may fail under `pipefail` although all goes well: a reader stops early, or the status of a command
    /// before the last is an answer.
    fn misleads(&self) -> bool {
        let Some((last, before)) = self.commands.split_last() else { return false };
        let calls: Vec<Option<Call>> = before.iter().map(Call::of).collect();
        let fetches = calls.first().is_some_and(|it| it.as_ref().is_some_and(|it| is_fetch(&it.program)));
        let answers = calls.iter().any(|it| match it {
            // Who looks for something in a page that is fetched cannot go on without it.
            Some(it) if is_grep(&it.program) => !fetches,
            // Files come and go in `/proc` while it is looked through.
            Some(it) if it.program == "find" => it.arguments.iter().any(|it| it.1.literal() == Some("/")),
            Some(it) => programs().answer.contains(&it.program),
            None => true,
        });
        answers || before.iter().skip(1).chain([last]).any(stops)
    }
}

/// Whether a command does nothing but write, and so does not fail.
fn writes(command: &Command) -> bool {
    Call::program_of(command).is_some_and(|it| programs().writers.contains(&it))
}

/// Whether a group ends well in any case: it is one list that ends in `|| true` or its like.
fn never_fails(group: &SyntaxNode) -> bool {
    let lists: Vec<SyntaxNode> = group.children().filter(|it| it.kind() == LIST).collect();
    let [list] = lists.as_slice() else { return false };
    let items: Vec<SyntaxNode> = list.children().collect();
    let [item] = items.as_slice() else { return false };
    let pipelines: Vec<SyntaxNode> = item.children().filter(|it| it.kind() == PIPELINE).collect();
    matches!(pipelines.as_slice(), [.., before, _] if goes_on_behind(item, before))
}

/// Whether a pipeline of a list is followed by `||` and a command that does not fail.
fn goes_on_behind(item: &SyntaxNode, pipeline: &SyntaxNode) -> bool {
    let mut behind = item.children_with_tokens().skip_while(|it| it.as_node() != Some(pipeline)).skip(1);
    let mut behind = behind.by_ref().filter(|it| !it.kind().is_trivia());
    let or = behind.next().is_some_and(|it| it.kind() == OR_IF);
    let commands: Vec<Command> = match behind.next().and_then(|it| it.into_node()) {
        Some(next) => next.children().filter_map(Command::cast).collect(),
        None => return false,
    };
    or && matches!(commands.as_slice(), [command] if writes(command))
}

fn is_grep(program: &str) -> bool {
    matches!(program, "grep" | "egrep" | "fgrep" | "rg" | "zgrep")
}

/// Whether a command may stop before it has read all.
fn stops(command: &Command) -> bool {
    let text = joined_text(command.syntax());
    if command.syntax().kind() != SIMPLE_COMMAND {
        return ["break", "exit", "return", "head", "-q"].iter().any(|it| text.contains(it));
    }
    let Some(call) = Call::of(command) else { return true };
    match call.program.as_str() {
        program if programs().stop_early.contains(program) => true,
        program if is_grep(program) => {
            call.open || call.has(&["-q", "-m", "-l", "--quiet", "--silent", "--max-count", "--files-with-matches"])
        }
        "sed" => call.arguments.iter().any(|it| match it.1.path() {
            Some(text) => ['q', 'Q']
                .iter()
                .any(|q| text.ends_with(*q) || text.contains(&format!("{q};")) || text.contains(&format!("{q}}}"))),
            None => true,
        }),
        "awk" | "gawk" | "mawk" => text.contains("exit"),
        program if programs().is_interpreter(program) => text.contains("exit"),
        _ => false,
    }
}

/// Whether a script may fail under `pipefail` although all goes well, or takes in text that nobody sees here.
pub fn stops_early(script: &Script) -> bool {
    let (mut hidden, mut may_take_in) = (false, false);
    visit_tokens(script.syntax(), |kind, _, text| {
        hidden |= kind == BACKTICKS && text.contains('|');
        // Some write a backslash before it, so that no alias is meant.
        may_take_in |= takes_in(text.trim_matches(['"', '\'', '\\']));
        !hidden
    });
    let called = || super::simple_commands(script.syntax()).filter_map(|it| Call::program_of(&it));
    hidden || may_take_in && called().any(|it| takes_in(&it)) || pipes(script).any(|it| it.misleads())
}

/// Whether a program of the shell's own reads commands from elsewhere.
fn takes_in(program: &str) -> bool {
    matches!(program, "." | "source" | "eval")
}

/// Whether a script may do something else under bash than under another `/bin/sh`: `echo` with backslashes or `-e`,
/// braces, what only bash knows.
pub fn depends_on_sh(script: &Script) -> bool {
    let node = script.syntax();
    let odd = [COND_COMMAND, ARITH_CLAUSE, ARRAY, PROCESS_SUBST, EXTGLOB, ANSI_QUOTED];
    let kinds = Green::of(node).kinds();
    if odd.iter().any(|it| kinds.has(*it)) {
        return true;
    }
    let (mut bash, mut may_echo) = (false, false);
    visit_tokens(node, |kind, _, text| {
        bash |= match kind {
            LITERAL => text.contains('{') && (text.contains(',') || text.contains("..")),
            REDIRECT_OP => text.starts_with("&>"),
            PARAMETER | BACKTICKS | ARITHMETIC => has_bash_variable(text),
            _ => false,
        };
        may_echo |= text.contains("echo") || text.contains("==");
        !bash
    });
    let echoes = |command: Command| {
        let words = command.words().map(|it| it.text());
        let words: Vec<String> = words.collect();
        let echo = words.first().is_some_and(|it| it == "echo");
        (echo && words.iter().any(|it| it.contains('\\') || it.starts_with("-e") || it.starts_with("-ne")))
            || words.iter().any(|it| it == "==")
    };
    bash || may_echo && super::simple_commands(node).any(echoes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn script(shell: &str) -> Script {
        parse(&format!("FROM a\nRUN {shell}\n")).file().instructions().nth(1).unwrap().script().unwrap()
    }

    #[test]
    fn some_pipes_hide_a_failure() {
        for shell in
            ["curl a | sh", "x=$(a | b)", "if a | b; then c; fi", "echo a | b | c", "$X | b", "{ a; echo b; } | c"]
        {
            assert!(pipes(&script(shell)).any(|it| it.may_hide()), "{shell}");
        }
        for shell in [
            "echo a | b",
            "yes | a",
            "{ echo a; echo b; } | c",
            "(echo a) | b",
            "a || b",
            "a 'b | c'",
            "case a in b | c) d;; esac",
        ] {
            assert!(!pipes(&script(shell)).any(|it| it.may_hide()), "{shell}");
        }
    }

    #[test]
    fn some_readers_stop_early() {
        for shell in [
            "a | head -1",
            "a | grep -q b",
            "a | sed 5q",
            "yes | a",
            "a | awk '{print; exit}'",
            "a | grep b | c",
            "a | while read b; do break; done",
            "x=`a | b`",
            ". a",
            "\\. a",
            "a | $B",
            "diff a b | c",
            "find / -name a | b",
            "a | xargs ldd | c",
        ] {
            assert!(stops_early(&script(shell)), "{shell}");
        }
        for shell in ["curl a | sh", "a | grep b", "curl a | grep b | cut -c1", "a | sed s/b/c/ | tee d", "a || head b"]
        {
            assert!(!stops_early(&script(shell)), "{shell}");
        }
    }

    #[test]
    fn some_words_depend_on_the_shell() {
        for shell in
            ["echo 'a\\nb'", "echo -e a", "mkdir {a,b}", "[ a == b ]", "[[ a ]]", "a &> b", "a $UID", "echo $'a'"]
        {
            assert!(depends_on_sh(&script(shell)), "{shell}");
        }
        for shell in ["echo a && b ${C} | d", "printf 'a\\n'", "a > b 2>&1"] {
            assert!(!depends_on_sh(&script(shell)), "{shell}");
        }
    }
}
