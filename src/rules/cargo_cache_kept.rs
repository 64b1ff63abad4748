use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, after_last_build, rule},
    model::is_cache_decided,
};

rule! {
    /// ## What it does
    /// Removes what Cargo fetched from registries at the end of the last RUN that builds with it.
    ///
    /// ## Why
    /// The index and the sources of all crates stay in the image, and the program needs neither.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM rust
    /// RUN cargo install ripgrep
    /// CMD ["rg"]
    /// ```
    /// ```dockerfile
    /// FROM rust
    /// RUN cargo install ripgrep && rm -rf "${CARGO_HOME:-$HOME/.cargo}/registry"
    /// CMD ["rg"]
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: who works in the image later may count on the crates. The image changes on purpose: it loses them.
    /// Nothing is reported in images that start nothing or a shell, because they may be there to build in, where
    /// `cargo` is called later or by what the container starts, where crates are fetched beforehand (`cargo fetch`,
    /// `cargo chef`) or vendored, or where the registry is named, removed or mounted. Only stages that are in an
    /// image are looked at. Where RUNs before it call `cargo` too, there is no fix: their layers would stay as they
    /// are.
    ///
    /// ## See also
    /// A stage of its own for the build leaves the toolchain behind as well.
    pub static RULE = {
        name: "cargo-cache-kept",
        summary: "Registry of Cargo left in the image",
        since: "0.1.0",
        group: Group::Packages,
        safety: Safety::Unsafe,
        effect: Effect::Image,
        changes: MORE_WORDS,
        default: true,
        ids: &[],
        run: run,
    };
}

const COMMAND: &str = "rm -rf \"${CARGO_HOME:-$HOME/.cargo}/registry\"";

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("cargo") || is_cache_decided(&ctx.model, ctx.text, "cargo") {
        return;
    }
    for it in after_last_build(ctx, "cargo") {
        findings.push(it.finding(ctx, &RULE, "the registry of Cargo stays in the image", COMMAND));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe};

    #[test]
    fn the_registry_goes_at_the_end() {
        check_unsafe(
            &RULE,
            "FROM rust\nRUN set -e; \\\n  cargo build --release; \\\n  b\nCMD d\n",
            "FROM rust\nRUN set -e; \\\n  cargo build --release; \\\n  b; \\\n  rm -rf \"${CARGO_HOME:-$HOME/.cargo}/registry\"\nCMD d\n",
        );
    }

    #[test]
    fn what_is_needed_or_clean_or_in_no_image_stays() {
        for text in [
            "FROM rust\nRUN cargo install b && rm -rf ~/.cargo/registry\n",
            "FROM rust\nRUN cargo install b && rm -rf $CARGO_HOME/registry\n",
            "FROM rust\nRUN cargo install b && rm -rf /root/.cargo\n",
            "FROM rust\nRUN cargo fetch\nRUN cargo build\n",
            "FROM rust\nRUN cargo build\nCMD cargo run\n",
            "FROM rust\nRUN cargo build\nRUN sh -c 'cargo test'\n",
            "FROM rust\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build\n",
            "FROM rust\nRUN cargo build\nFROM b\n",
            "FROM rust\nRUN cargo fmt\n",
            "FROM rust\nRUN cargo +nightly build\n",
            "FROM rust\nRUN cargo build || true\n",
            "FROM rust\nONBUILD RUN cargo build\n",
        ] {
            check_same(&RULE, text);
            check_same(&RULE, &format!("{text}CMD [\"d\"]\n"));
        }
    }

    #[test]
    fn images_to_build_in_stay() {
        for end in ["", "CMD bash\n", "ENTRYPOINT [\"/bin/sh\"]\n"] {
            check_same(&RULE, &format!("FROM rust\nRUN cargo build\n{end}"));
        }
    }
}
