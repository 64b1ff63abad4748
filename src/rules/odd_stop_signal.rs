use crate::{
    fix::{Change, Context, Effect, Finding, Findings, Fix, Group, Safety, rule},
    model::build::Field,
    syntax::SyntaxKind::STOPSIGNAL,
    text::{Edit, closest},
};

rule! {
    /// ## What it does
    /// Writes the signal of STOPSIGNAL by its name: `SIGTERM` for `15`, `TERM` and `sigterm`. Reports what is no
    /// signal, and SIGSTOP.
    ///
    /// ## Why
    /// What is no signal fails the build. SIGSTOP doesn't stop a program but freezes it, until Docker gives up waiting
    /// and kills it. For the rest the name is what readers know.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// STOPSIGNAL 3
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// STOPSIGNAL SIGQUIT
    /// ```
    ///
    /// ## Safety and effect
    /// Safe: the config of the image has another word for the same signal, and no step is rebuilt. Only numbers that
    /// are the same on every machine get a name. A near name is only shown.
    pub static RULE = {
        name: "odd-stop-signal",
        summary: "STOPSIGNAL that isn't the name of a signal",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::Image,
        changes: &[Change::Config(Field::StopSignal)],
        default: true,
        run: run,
    };
}

/// The names that Docker knows, without `SIG`; those of real time are counted from RTMIN and RTMAX.
const NAMES: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// The numbers that POSIX gives.
const NUMBERS: &[(u32, &str)] =
    &[(1, "HUP"), (2, "INT"), (3, "QUIT"), (6, "ABRT"), (9, "KILL"), (14, "ALRM"), (15, "TERM")];

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[STOPSIGNAL]) {
        let Some((range, text)) = ctx.plain_text(instruction) else { continue };
        let Some((message, better)) = judge(text) else { continue };
        let fix = better.map(|(name, safety)| Fix {
            title: format!("Write `{name}`"),
            safety,
            effect: Effect::Image,
            edits: Edit::replace(range, name).into(),
        });
        findings.push(Finding { rule: &RULE, range, message, fix });
    }
}

/// What is odd about a signal, and what it is to be.
fn judge(text: &str) -> Option<(String, Option<(String, Safety)>)> {
    if let Ok(number) = text.parse::<i64>() {
        let name = NUMBERS.iter().find(|it| i64::from(it.0) == number).map(|it| format!("SIG{}", it.1));
        return match name {
            Some(name) => Some((format!("signal {text} is {name}"), Some((name, Safety::Safe)))),
            None => (number == 0).then(|| (format!("`{text}` is no signal: the build fails"), None)),
        };
    }
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    let name = format!("SIG{bare}");
    if !(NAMES.contains(&bare) || is_real_time(bare)) {
        let near = closest(bare, NAMES.iter().copied()).map(|it| (format!("SIG{it}"), Safety::Suggest));
        return Some((format!("`{text}` is no signal: the build fails"), near));
    }
    if bare == "STOP" {
        let message = "SIGSTOP freezes the program, and doesn't stop it".to_owned();
        return Some((message, Some(("SIGTERM".to_owned(), Safety::Suggest))));
    }
    (text != name).then(|| (format!("the name of the signal is {name}"), Some((name, Safety::Safe))))
}

/// `RTMIN`, `RTMIN+1` to `RTMIN+15`, `RTMAX-14` to `RTMAX-1`, `RTMAX`.
fn is_real_time(bare: &str) -> bool {
    let number = |it: &str| it.parse::<u32>().ok().filter(|number| number.to_string() == it);
    match (bare.strip_prefix("RTMIN"), bare.strip_prefix("RTMAX")) {
        (Some(""), _) | (_, Some("")) => true,
        (Some(rest), _) => rest.strip_prefix('+').and_then(number).is_some_and(|it| (1..=15).contains(&it)),
        (_, Some(rest)) => rest.strip_prefix('-').and_then(number).is_some_and(|it| (1..=14).contains(&it)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings, suggested};

    fn signal(text: &str) -> String {
        format!("FROM a\nSTOPSIGNAL {text}\n")
    }

    #[test]
    fn signals_get_their_names() {
        for (before, after) in [
            ("15", "SIGTERM"),
            ("9", "SIGKILL"),
            ("TERM", "SIGTERM"),
            ("sigquit", "SIGQUIT"),
            ("RTMIN+3", "SIGRTMIN+3"),
            ("int", "SIGINT"),
        ] {
            check(&RULE, &signal(before), &signal(after));
        }
    }

    #[test]
    fn what_is_right_or_unknown_stays() {
        for text in
            ["SIGTERM", "SIGKILL", "SIGRTMIN+3", "SIGRTMAX-14", "37", "28", "$A", "\"TERM\"", "SIG\\\nTERM", "sig${A}"]
        {
            assert_eq!(findings(&RULE, &signal(text)).len(), 0, "{text}");
        }
        assert_eq!(findings(&RULE, "FROM a\nONBUILD STOPSIGNAL 15\n").len(), 0);
    }

    #[test]
    fn what_is_no_signal_is_reported() {
        for (text, better) in [
            ("SIGTREM", Some("SIGTERM")),
            ("SIGSTOP", Some("SIGTERM")),
            ("0", None),
            ("RTMIN+16", None),
            ("banana", None),
        ] {
            check_same(&RULE, &signal(text));
            assert_eq!(findings(&RULE, &signal(text)).len(), 1, "{text}");
            assert_eq!(suggested(&RULE, &signal(text)), Vec::from_iter(better.map(signal)), "{text}");
        }
    }
}
