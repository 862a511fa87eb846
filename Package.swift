// swift-tools-version: 6.1
import PackageDescription

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

// A target imports what stands before it and nothing else: pure values, then edges, then the service, then its faces.
let package = Package(
    name: "sleap-rooms",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL"),
        .target(name: "JSONWire"),
        .target(name: "RoomCore", dependencies: ["JSONWire"]),
        .target(name: "WireMessages", dependencies: ["RoomCore", "JSONWire"]),
        .target(name: "HTTPWire"),
        .target(name: "WebSocketWire"),
        .target(name: "RoomStorage", dependencies: ["RoomCore"]),
        .target(name: "Cryptography", dependencies: ["COpenSSL", "JSONWire"]),
        .target(
            name: "RoomService",
            dependencies: ["RoomCore", "WireMessages", "JSONWire", "RoomStorage", "Cryptography", logging]),
        .testTarget(name: "JSONWireTests", dependencies: ["JSONWire"]),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], exclude: ["Vectors"]),
        .testTarget(name: "WebSocketWireTests", dependencies: ["WebSocketWire"]),
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "JSONWire"]),
    ],
    swiftLanguageModes: [.v6]
)
