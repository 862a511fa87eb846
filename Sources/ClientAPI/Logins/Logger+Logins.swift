import Logging
import RoomStorage

extension Logger {
    /// Tells operators why the store did not keep a login, of which the person is told in general words alone. Providers
    /// and issuers tell of themselves, and what is the person's own fault is told to nobody else.
    func tellOfLogin(_ error: any Error) {
        guard let fault = error as? StoreError else { return }
        self.error("a login cannot be kept", metadata: ["cause": "\(fault)"])
    }
}
