use crate::{
    fix::{Context, Effect, Finding, Findings, Fix, Group, Item, Safety, items, rule},
    model::Ports,
    syntax::SyntaxKind::EXPOSE,
    text::Edit,
};

rule! {
    /// ## What it does
    /// Takes the address and the port of the host out of EXPOSE.
    ///
    /// ## Why
    /// An image can't say where its ports are published: BuildKit drops what stands before the last colon, warns, and
    /// will refuse it. `docker run -p` takes such words.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 80:8080 127.0.0.1:53:53/udp
    /// ```
    /// ```dockerfile
    /// FROM alpine
    /// EXPOSE 8080 53/udp
    /// ```
    ///
    /// ## Safety and effect
    /// Safe, and nothing is rebuilt: the image has said the same all along. A word of which BuildKit refuses the
    /// dropped part, or which is a variable, is left alone.
    pub static RULE = {
        name: "host-port",
        summary: "EXPOSE that speaks of the host",
        since: "0.1.0",
        group: Group::Instructions,
        safety: Safety::Safe,
        effect: Effect::None,
        default: true,
        ids: &["ExposeInvalidFormat"],
        run: run,
    };
}

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    for instruction in ctx.instructions_of(&[EXPOSE]) {
        findings.extend(items(ctx, instruction).iter().filter_map(judge));
    }
}

fn judge(item: &Item) -> Option<Finding> {
    let ports = Ports::of(item.text.as_deref()?)?;
    let host = ports.host?;
    let protocol = ports.protocol.map_or(String::new(), |it| format!("/{it}"));
    let rest = format!("{}{protocol}", ports.text);
    // An address of version 6 is dropped as well.
    let bracketed = host.starts_with('[') && host.rsplit_once(':').is_some_and(|it| it.0.ends_with(']'));
    if !(ports.is_sound() || bracketed) {
        return None;
    }
    let edits = Edit::replace(item.range, rest.as_str()).into();
    let fix = Fix { title: format!("Write `{rest}`"), safety: Safety::Safe, effect: Effect::None, edits };
    Some(Finding {
        rule: &RULE,
        range: item.range,
        message: format!("EXPOSE takes nothing of the host: `{host}:` is ignored"),
        fix: ports.is_sound().then_some(fix),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check, check_same, findings};

    fn expose(words: &str) -> String {
        format!("FROM a\nEXPOSE {words}\n")
    }

    #[test]
    fn the_port_of_the_container_stays() {
        for (before, after) in [
            ("80:8080", "8080"),
            ("80:8080/TCP", "8080/TCP"),
            ("90 127.0.0.1:80:80 \\\n  # c\n  1-2:3-4/udp", "90 80 \\\n  # c\n  3-4/udp"),
            ("127.0.0.1::80", "80"),
        ] {
            check(&RULE, &expose(before), &expose(after));
        }
    }

    #[test]
    fn what_is_refused_or_unknown_stays() {
        for words in
            ["80", "$A:80", "80:$A", "x:80", "1-3:4-5", "80:", "\"80:80\"", "80:8\\\n0", "80:80/http", "[::1]:80:80"]
        {
            check_same(&RULE, &expose(words));
        }
        check_same(&RULE, "FROM a\nONBUILD EXPOSE 80:80\n");
        assert_eq!(findings(&RULE, &expose("[::1]:80:80")).len(), 1);
        let said = findings(&RULE, &expose("8080:8080")).remove(0).message;
        assert_eq!(said, "EXPOSE takes nothing of the host: `8080:` is ignored");
    }
}
