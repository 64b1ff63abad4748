//! What a script leaves in the memory of its shell.

use super::{Chain, OwnWord, Simple, chain::set_options};
use crate::syntax::{
    Child, Green,
    SyntaxKind::{self, *},
    ast::joined_text,
};

/// What a RUN does to the shell that runs it, which ends with the RUN, but not before a command that is put behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leak {
    /// It goes to another folder.
    Directory,
    /// It sets a variable.
    Variable(String),
    /// It changes the shell in another way; the word is the command that does.
    Other(String),
}

impl Chain {
    /// What it leaves to a command behind it. A `set` of [`SetOptions`](super::SetOptions) at its beginning is none:
    /// [`Chain::join`] looks at it.
    pub fn leaks(&self) -> &[Leak] {
        self.leaks.get_or_init(|| {
            let mut leaks = Vec::new();
            let others = [FUNCTION_DEF, FOR_CLAUSE, PARAMETER, ARITHMETIC, ARITH_COMMAND];
            if self.kinds().has_any(&[SUBSHELL, COMMAND_SUBST, PROCESS_SUBST]) || self.kinds().has_any(&others) {
                Green::read(self.script.syntax(), |it| self.collect(it, &mut self.commands().iter(), &mut leaks));
            } else {
                self.commands().iter().for_each(|it| self.command(it, &mut leaks));
            }
            leaks
        })
    }

    /// The leaks of a node, `commands` being those of the script that are in it or behind it; takes those in it.
    fn collect<'c>(&self, node: Green<'_>, commands: &mut impl Iterator<Item = &'c Simple>, leaks: &mut Vec<Leak>) {
        match node.kind() {
            // These run in a shell of their own.
            SUBSHELL | COMMAND_SUBST | PROCESS_SUBST => {
                commands.take(node.count(SIMPLE_COMMAND)).for_each(drop);
                return;
            }
            FUNCTION_DEF => leaks.push(Leak::Other("function".to_owned())),
            FOR_CLAUSE => leaks.extend(node.first_token(NAME).map(|it| Leak::Variable(it.to_owned()))),
            SIMPLE_COMMAND => {
                let Some(command) = commands.next() else { return };
                self.command(command, leaks);
            }
            _ => {}
        }
        for child in node.children() {
            match child {
                Child::Node(it) => self.collect(it, commands, leaks),
                Child::Token(kind @ (PARAMETER | ARITHMETIC | ARITH_COMMAND), text) => {
                    leaks.extend(set_within(kind, text).into_iter().map(Leak::Variable));
                }
                Child::Token(..) => {}
            }
        }
    }

    fn command(&self, command: &Simple, leaks: &mut Vec<Leak>) {
        let Some(program) = command.first() else {
            let names = command.assignments().map(|it| it.name().trim_end_matches(['=', '+']).to_owned());
            leaks.extend(names.map(Leak::Variable));
            return;
        };
        // A program whose name is not known may be any of these; a path is none.
        let Some(name) = program.literal() else {
            if command.argv().first().is_some_and(|it| it.0.text().starts_with("~/")) {
                return;
            }
            leaks.push(Leak::Other("a command whose name is not literal".to_owned()));
            return;
        };
        match OwnWord::of(name) {
            Some(OwnWord::Moves) => leaks.push(Leak::Directory),
            Some(OwnWord::Names) => {
                // What a variable is set to may be unknown; its name may not.
                for (word, read) in command.argv().iter().skip(1) {
                    let text = read.literal().map_or_else(|| joined_text(word.syntax()), str::to_owned);
                    let name = text.split('=').next().unwrap_or_default();
                    let plain = name.chars().all(|it| it == '_' || it.is_ascii_alphanumeric()) && !name.is_empty();
                    let option = name.starts_with('-') && name == text;
                    leaks.push(match plain || option {
                        true => Leak::Variable(name.to_owned()),
                        false => Leak::Other("export".to_owned()),
                    });
                }
            }
            Some(_) if self.is_leading(command) && set_options(command).is_some() => {}
            Some(OwnWord::Changes | OwnWord::ChangesLines) => leaks.push(Leak::Other(name.to_owned())),
            _ => {}
        }
    }
}

/// The variables that an expansion may set: `x` in `${x:=a}`, all that are in the arithmetic of `$((x = y))`.
fn set_within(kind: SyntaxKind, text: &str) -> Vec<String> {
    let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    match kind {
        // Also those in the value of another one.
        PARAMETER => {
            let all = text.split("${").skip(1).filter_map(|it| {
                let (name, rest) = it.split_at(it.find(|it| !is_name(it))?);
                // An element of an array has its place behind the name.
                let rest = rest.split_once(']').filter(|_| rest.starts_with('[')).map_or(rest, |it| it.1);
                rest.trim_start_matches(':').starts_with('=').then_some(name)
            });
            all.map(str::to_owned).collect()
        }
        ARITHMETIC | ARITH_COMMAND if ["=", "++", "--"].iter().any(|it| text.contains(it)) => {
            text.split(|it| !is_name(it)).filter(|it| !it.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn chain(shell: &str) -> Chain {
        let parse = parse(&format!("FROM a\nRUN {shell}\n"));
        let run = parse.file().instructions().nth(1).unwrap();
        Chain::of(&run.script().unwrap()).unwrap()
    }

    #[test]
    fn leaks() {
        assert_eq!(
            chain("set -e; cd /x && A=1; export B=2 C").leaks(),
            [
                Leak::Directory,
                Leak::Variable("A".to_owned()),
                Leak::Variable("B".to_owned()),
                Leak::Variable("C".to_owned())
            ]
        );
        assert_eq!(chain("chdir /x").leaks(), [Leak::Directory]);
        assert_eq!(chain("~/a.sh -b && ~/$C/d").leaks(), []);
        assert_eq!(chain("(cd /x; a) && b $(cd y; c) && D=1 e").leaks(), []);
        let set = |shell: &str| -> Vec<Leak> {
            let leaks = chain(shell).leaks().to_vec();
            assert!(leaks.iter().all(|it| matches!(it, Leak::Variable(_))), "{shell}");
            leaks
        };
        for shell in ["a ${x:=1}", "a \"${x=$b}\"", "a ${y:-${x:=1}}", "a ${x[1]:=2}", "a $((x = 1))", "((x++)) && a"] {
            assert!(set(shell).contains(&Leak::Variable("x".to_owned())), "{shell}");
        }
        for shell in ["a ${x:-=1} ${x} ${x#=} $x=1 ${x/a/=}", "a $((x + 1))", "(a ${x:=1})", "a '${x:=1}'"] {
            assert_eq!(set(shell), [], "{shell}");
        }
        assert_eq!(chain("a && set +e; . ./b; f() { c; }; $d").leaks().len(), 4);
        assert_eq!(chain("export A=\"$(b)\"").leaks(), [Leak::Variable("A".to_owned())]);
        assert_eq!(chain("export $A").leaks(), [Leak::Other("export".to_owned())]);
    }
}
