import HTTPServing
import HTTPWire

/// What a browser sees under `/`: that the server runs, and how to join a room.
struct HomePage: Sendable {
    func add(to router: inout Router) {
        router.on(.get, "/") { _ in
            var response = Response.html(Self.page)
            response.fields.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            return response
        }
    }

    private static let page = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>sleap-rooms</title>
        <meta name="viewport" content="width=device-width">
        <style>body{font:16px/1.5 system-ui;max-width:42rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}
        code{background:#8882;padding:.1em .3em;border-radius:.2em}</style></head>
        <body><h1>sleap-rooms \(ServerVersion.text)</h1>
        <p>This server is running. Workers and clients meet here in rooms over WebSocket, at this same address.</p>
        <ul><li>Make a user, a room and a worker token: <code>room-server bootstrap --user NAME --room NAME --worker NAME</code></li>
        <li>State: <a href="/readyz">/readyz</a>, <a href="/health">/health</a>, <a href="/metrics">/metrics</a></li></ul>
        </body></html>
        """
}
