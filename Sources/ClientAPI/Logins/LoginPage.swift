import HTTPServing
import HTTPWire

/// The page that `sleap-rtc login` opens when `SLEAP_DASHBOARD_URL` names this server's `/login`.
///
/// It works without a script. Nothing from outside is loaded or run, and no other page may frame it.
struct LoginPage: Sendable {
    /// What stands before our paths at the address that users see.
    let prefix: String

    func asking(_ state: String, _ ways: [(slug: String, title: String)]) -> Response {
        let links = ways.map { way in
            "<li><a class=\"way\" href=\"\(prefix)/login/with/\(way.slug)?cli_state=\(state)\">"
                + "Log in with \(Self.escaped(way.title))</a></li>"
        }
        return page(
            "Log in", .ok,
            """
            <p>A program asks to be logged in as you. Go on only if you have just run <code>sleap-rtc login</code>
            yourself, and the address that it printed ends in <code>\(state.suffix(6))</code>. If somebody sent you
            this address, close the page.</p>
            <ul>\(links.joined())</ul>
            <form method="post" action="\(prefix)/login">
            <input type="hidden" name="cli_state" value="\(state)">
            <label for="credential">Account key or JWT, as <code>room-server bootstrap</code> prints them</label>
            <input id="credential" name="credential" type="password" autocomplete="off" required maxlength="8192">
            <button>Log in</button>
            </form>
            """)
    }

    func done() -> Response {
        page("Logged in", .ok, "<p>You can close this page and go back to the program.</p>")
    }

    func refusing(_ status: HTTPStatus, _ sentence: String) -> Response {
        page("Not logged in", status, "<p role=\"alert\">\(Self.escaped(sentence)).</p>")
    }

    static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}
        code{background:#8882;padding:.1em .3em;border-radius:.2em}
        ul{list-style:none;padding:0}
        label,input,button{display:block;font:inherit}
        input{width:100%;box-sizing:border-box;padding:.5em;margin:.3em 0 .8em}
        button,.way{padding:.5em 1em;border:1px solid #888;border-radius:.3em;background:none;color:inherit;cursor:pointer}
        .way{display:inline-block;text-decoration:none;margin:.2em 0}

        """

    private func page(_ title: String, _ status: HTTPStatus, _ body: String) -> Response {
        Response.html(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title) – sleap-rooms</title>
            <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="\(prefix)/login/style.css">
            </head><body><main><h1>\(title)</h1>
            \(body)
            </main></body></html>

            """, status: status
        ).sealed
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}

extension Response {
    private static let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// Nothing but what it says: no script, no frame, no copy kept, and its address with the state told to nobody.
    var sealed: Response {
        with("Content-Security-Policy", Self.policy).with("X-Frame-Options", "DENY")
            .with("X-Content-Type-Options", "nosniff").with("Referrer-Policy", "same-origin")
            .with("Cache-Control", "no-store")
    }
}
