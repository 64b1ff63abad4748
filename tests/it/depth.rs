//! Nesting without end: what opens a thousand times and a million times is read, printed back and laid out, without a
//! panic and without an end of the stack.

use dockfix::fix::{self, Job, Safety};
use dockfix::{format, syntax};

use crate::sets;

/// What opens, in what instruction, and what closes it.
const OPENERS: &[(&str, &str, &str)] = &[
    ("RUN ", "(", ")"),
    ("RUN ", "( ", " )"),
    ("RUN echo ", "$(", ")"),
    ("RUN echo ", "\"$(", ")\""),
    ("RUN echo ", "${x:-", "}"),
    ("RUN echo ", "\"${x:-", "}\""),
    ("RUN echo ", "$((", "))"),
    ("RUN echo ", "<(", ")"),
    ("RUN echo ", "@(", ")"),
    ("RUN ", "((", "))"),
    ("RUN for ", "((", "))"),
    ("RUN ", "`", "`"),
    ("RUN ", "'", "'"),
    ("RUN ", "\"", "\""),
    ("RUN ", "{ ", "; }"),
    ("RUN ", "a=(", ")"),
    ("RUN ", "a[", "]"),
    ("RUN ", "if ", "; fi"),
    ("RUN ", "while ", "; done"),
    ("RUN ", "case x in x) ", ";; esac"),
    ("RUN ", "f() ", ""),
    ("RUN ", "function f ", ""),
    ("RUN ", "[[ ", " ]]"),
    ("RUN ", "[", "]"),
    ("CMD ", "[", "]"),
    ("CMD [", "{\"a\":", "}"),
    ("SHELL ", "[", "]"),
    ("", "ONBUILD ", "RUN a"),
    ("COPY ", "${a:-", "} <<E /x"),
    ("RUN <<E echo ", "${a:-", "}"),
    ("RUN <<E echo ", "${a/", "}"),
    ("ENV a=", "${a:-", "}"),
    ("ENV a=", "\"", "\""),
];

/// So long lines are refused by BuildKit, so that deep nesting comes on several.
fn folded(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        out.push(c);
        if i % 60_000 == 59_999 {
            out.push_str("\\\n");
        }
    }
    out
}

fn hold(text: &str, what: &str) {
    let parse = syntax::parse(text);
    assert_eq!(parse.file().syntax().text(), text, "{what}");
    let [rules, _] = sets::together();
    let options = format::Options::default();
    let job = Job { rules, fix: Some(Safety::Unsafe), format: Some(options), ..Job::default() };
    let outcome = fix::run(text, &job);
    assert_eq!(outcome.faults, [], "{what}");
}

#[test]
fn deep_nesting_is_read() {
    for (before, open, close) in OPENERS {
        // What fits the limit, what doesn't, and what no recursion would survive.
        for depth in [3, 99, 101, 2_000, 20_000] {
            let what = format!("{before}{open} {depth} times");
            let open = open.repeat(depth);
            hold(&folded(&format!("FROM a\n{before}{open}x\n")), &what);
            if depth <= 2_000 {
                let close = close.repeat(depth);
                hold(&folded(&format!("FROM a\n{before}{open}x{close}\nCMD [\"a\"]\n")), &what);
            }
        }
    }
}
