use crate::{
    fix::{Context, Effect, Findings, Group, MORE_WORDS, Safety, after_last_build, rule},
    model::is_cache_decided,
};

rule! {
    /// ## What it does
    /// Empties the caches of Go at the end of the last RUN that builds with it.
    ///
    /// ## Why
    /// What Go compiled and the modules that it fetched are often larger than the program, which needs neither.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.24
    /// WORKDIR /app
    /// COPY . .
    /// RUN go build -o /usr/local/bin/app .
    /// CMD ["app"]
    /// ```
    /// ```dockerfile
    /// FROM golang:1.24
    /// WORKDIR /app
    /// COPY . .
    /// RUN go build -o /usr/local/bin/app . && go clean -cache -modcache
    /// CMD ["app"]
    /// ```
    ///
    /// ## Safety and effect
    /// Unsafe: who works in the image later may count on the modules. The image changes on purpose: it loses the
    /// caches. Nothing is reported in images that start nothing or a shell, because they may be there to build in,
    /// where `go` is called later or by what the container starts, where modules are fetched beforehand (`go mod
    /// download`) or vendored, where a cache is named, cleaned or mounted, nor for Go before 1.11, which does not
    /// know the flags. Only stages that are in an image are looked at. Where RUNs before it call `go` too, there is
    /// no fix: their layers would stay as they are.
    ///
    /// ## See also
    /// A stage of its own for the build leaves the toolchain behind as well.
    pub static RULE = {
        name: "go-cache-kept",
        summary: "Caches of Go left in the image",
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

fn run(ctx: &Context<'_>, findings: &mut Findings) {
    if !ctx.model.calls_manager("go") || is_cache_decided(&ctx.model, ctx.text, "go") || is_old(ctx.text) {
        return;
    }
    for it in after_last_build(ctx, "go") {
        findings.push(it.finding(ctx, &RULE, "the caches of Go stay in the image", "go clean -cache -modcache"));
    }
}

/// Whether an image or a download is of Go 1.10 or older.
fn is_old(text: &str) -> bool {
    let old = |it: &str| {
        let version = it.strip_prefix("1.").unwrap_or("11");
        let minor: String = version.chars().take_while(char::is_ascii_digit).collect();
        minor.parse::<u32>().is_ok_and(|it| it < 11)
    };
    ["golang:", "golang-", "go version ", "go"].iter().any(|name| text.split(name).skip(1).any(old))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::testing::{check_same, check_unsafe, findings};

    #[test]
    fn caches_go_at_the_end() {
        check_unsafe(
            &RULE,
            "FROM golang:1.12\nRUN cd b && go get ./... && go build\nCMD d\n",
            "FROM golang:1.12\nRUN cd b && go get ./... && go build && go clean -cache -modcache\nCMD d\n",
        );
        check_unsafe(
            &RULE,
            "FROM golang AS a\nRUN go install b@latest\nFROM a\nRUN gosu c\nCMD d\n",
            "FROM golang AS a\nRUN go install b@latest && go clean -cache -modcache\nFROM a\nRUN gosu c\nCMD d\n",
        );
    }

    #[test]
    fn what_is_needed_or_clean_or_in_no_image_stays() {
        for text in [
            "FROM golang\nRUN go build && go clean -modcache\n",
            "FROM golang\nRUN go build && rm -rf /go/pkg/mod\n",
            "FROM golang\nRUN go mod download\nRUN go build\n",
            "FROM golang\nRUN go install b\nRUN [\"go\", \"run\", \".\"]\n",
            "FROM golang\nRUN go install b\nCMD go run .\n",
            "FROM golang\nCMD [\"/usr/local/go/bin/go\", \"run\", \".\"]\nRUN go install b\n",
            "FROM golang\nRUN --mount=type=cache,target=/go/pkg/mod go build\n",
            "FROM golang\nRUN go build -mod=vendor\n",
            "FROM golang\nENV GOFLAGS=-mod=readonly\nRUN go build\n",
            "FROM golang\nRUN go build\nFROM b\n",
            "FROM golang:1.9-alpine\nRUN go install b\n",
            "FROM a\nRUN curl https://b/go1.8.linux-amd64.tar.gz && go install b\n",
            "FROM golang\nRUN go vet\n",
            "FROM golang\nRUN go get b\n",
            "FROM golang\nRUN go build b\nRUN go build c\n",
            "FROM golang\nRUN go get b\nRUN go build c\n",
            "FROM golang\nRUN go build b && pacman --noconfirm -R go\n",
            "FROM golang\nRUN apk add go && go install b && apk del go\n",
            "FROM golang\nRUN for i in b; do go install $i; done\n",
            "FROM golang\nONBUILD RUN go build\n",
        ] {
            check_same(&RULE, text);
            check_same(&RULE, &format!("{text}CMD [\"d\"]\n"));
        }
    }

    #[test]
    fn the_folder_of_modules_is_known() {
        for (run, found) in [
            ("go install b && rm -rf $GOPATH", 0),
            ("go install b && rm -rf \"${GOPATH}/pkg\"", 0),
            ("go install b && rm -rf $GOPATH/*", 0),
            ("go install b && rm -rf /go", 0),
            ("go install b && rm -rf /root/go a", 0),
            ("go install b && rm -rf $GOPATH/src", 1),
            ("rm -rf $GOPATH && go install b", 1),
            ("go install b && rm -rf $GOPATHS", 1),
        ] {
            let text = format!("FROM golang\nRUN {run}\nCMD d\n");
            assert_eq!(findings(&RULE, &text).len(), found, "{run}");
        }
    }

    #[test]
    fn images_to_build_in_stay() {
        for end in ["", "CMD bash\n", "ENTRYPOINT [\"/bin/sh\"]\n", "CMD [\"b\"]\nFROM c\n"] {
            check_same(&RULE, &format!("FROM golang\nRUN go build\n{end}"));
        }
    }
}
