// swift-tools-version: 6.1
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

// A target imports what stands before it and nothing else: pure values, then edges, then the service, then its faces.
let package = Package(
    name: "sleap-rooms",
    products: [
        .executable(name: "room-server", targets: ["room-server"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL"),
        .target(name: "JSONWire"),
        .target(name: "RoomCore", dependencies: ["JSONWire"]),
        .target(name: "WireMessages", dependencies: ["RoomCore", "JSONWire"]),
        .target(name: "HTTPWire"),
        .target(name: "WebSocketWire"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSQLite"),
        .target(name: "EventLoops", dependencies: ["CLinux"]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "HTTPFetching", dependencies: ["CCurl"]),
        .target(name: "RoomStorage", dependencies: ["RoomCore"]),
        .target(
            name: "EmbeddedStorage", dependencies: ["RoomStorage", "RoomCore", "Cryptography", "CSQLite"],
            resources: [.embedInCode("Migrations")]),
        .target(name: "Cryptography", dependencies: ["COpenSSL", "JSONWire"]),
        .systemLibrary(name: "CLibPQ"),
        .target(
            name: "PostgresStorage", dependencies: ["RoomStorage", "RoomCore", "CLibPQ"],
            resources: [.embedInCode("Migrations")]),
        .systemLibrary(name: "CHiredis"),
        .target(name: "RedisStorage", dependencies: ["RoomStorage", "RoomCore", "CHiredis", "COpenSSL"]),
        .systemLibrary(name: "CZlib"),
        .target(
            name: "RoomBackups",
            dependencies: ["RoomCore", "RoomStorage", "JSONWire", "Cryptography", "CZlib", logging]),
        .target(name: "S3Storage", dependencies: ["RoomStorage", "RoomCore", "HTTPFetching", "Cryptography"]),
        .target(
            name: "RoomService",
            dependencies: ["RoomCore", "WireMessages", "JSONWire", "RoomStorage", "Cryptography", logging]),
        .target(
            name: "IdentityProviders",
            dependencies: ["RoomService", "RoomCore", "HTTPFetching", "Cryptography", "JSONWire", logging]),
        .target(
            name: "HTTPServing", dependencies: ["EventLoops", "HTTPWire", "WebSocketWire", "JSONWire", logging]),
        .target(
            name: "ClientAPI",
            dependencies: [
                "HTTPServing", "RoomService", "RoomStorage", "RoomCore", "WireMessages", "EventLoops", "HTTPWire",
                "JSONWire", logging,
            ]),
        .target(
            name: "AdminAPI",
            dependencies: [
                "HTTPServing", "RoomService", "RoomStorage", "RoomCore", "Cryptography", "HTTPWire", "JSONWire",
            ]),
        .target(
            name: "ServerAssembly",
            dependencies: [
                "ClientAPI", "AdminAPI", "RoomService", "EmbeddedStorage", "PostgresStorage", "RedisStorage",
                "S3Storage", "RoomBackups", "IdentityProviders", "HTTPFetching", "RoomStorage", "RoomCore",
                "HTTPServing",
                "HTTPWire", "EventLoops", "Cryptography", "JSONWire", logging,
            ]),
        .target(name: "RoomClient", dependencies: ["EventLoops", "HTTPWire", "WebSocketWire", "JSONWire"]),
        .executableTarget(name: "room-server", dependencies: ["ServerAssembly", argumentParser]),
        .executableTarget(
            name: "EchoServer", dependencies: ["HTTPServing", "EventLoops", logging], path: "Tests/EchoServer"),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "room-server", "ServerAssembly", "AdminAPI", "WireMessages", "RoomClient", "EventLoops", "JSONWire",
                "Cryptography", "S3Storage", "RoomBackups", "RoomStorage", "RoomCore", "ScriptedServing", logging,
            ], exclude: ["python", "Vectors"]),
        .target(name: "StorageConformance", dependencies: ["RoomStorage", "RoomCore"]),
        .executableTarget(
            name: "StorageVictim", dependencies: ["EmbeddedStorage", "RoomStorage", "RoomCore"],
            path: "Tests/StorageVictim"),
        .testTarget(
            name: "EmbeddedStorageTests",
            dependencies: ["EmbeddedStorage", "StorageConformance", "StorageVictim", "Cryptography", "CSQLite"]),
        .testTarget(
            name: "HTTPServingTests",
            dependencies: ["HTTPServing", "EventLoops", "HTTPWire", "WebSocketWire", "JSONWire", logging]),
        .testTarget(
            name: "PostgresStorageTests",
            dependencies: ["PostgresStorage", "StorageConformance", "RoomStorage", "RoomCore", "Cryptography"]),
        .testTarget(
            name: "RedisStorageTests", dependencies: ["RedisStorage", "StorageConformance", "RoomStorage", "RoomCore"]),
        .target(name: "ScriptedServing", path: "Tests/ScriptedServing"),
        .testTarget(name: "HTTPFetchingTests", dependencies: ["HTTPFetching", "ScriptedServing"]),
        .testTarget(
            name: "S3StorageTests",
            dependencies: [
                "S3Storage", "StorageConformance", "RoomStorage", "RoomCore", "HTTPFetching", "Cryptography",
                "ScriptedServing",
            ]),
        .testTarget(
            name: "RoomBackupsTests",
            dependencies: [
                "RoomBackups", "EmbeddedStorage", "S3Storage", "RoomStorage", "RoomCore", "JSONWire", "Cryptography",
                logging,
            ]),
        .testTarget(
            name: "ClientAPITests",
            dependencies: [
                "ClientAPI", "RoomService", "EmbeddedStorage", "PostgresStorage", "RoomStorage", "RoomCore",
                "HTTPServing", "EventLoops", "WireMessages", "Cryptography", "JSONWire", "CLibPQ", logging,
            ],
            exclude: ["Vectors"]),
        .testTarget(
            name: "IdentityProvidersTests",
            dependencies: [
                "IdentityProviders", "RoomService", "RoomCore", "HTTPFetching", "Cryptography", "JSONWire",
                "ScriptedServing", logging,
            ]),
        .testTarget(name: "RoomClientTests", dependencies: ["RoomClient", "JSONWire"]),
        .testTarget(name: "RoomCoreTests", dependencies: ["RoomCore", "JSONWire"]),
        .testTarget(
            name: "RoomServiceTests",
            dependencies: [
                "RoomService", "EmbeddedStorage", "RoomStorage", "WireMessages", "RoomCore", "JSONWire",
                "Cryptography", logging,
            ], exclude: ["Vectors"]),
        .testTarget(name: "WireMessagesTests", dependencies: ["WireMessages", "RoomCore", "JSONWire"]),
        .testTarget(name: "JSONWireTests", dependencies: ["JSONWire"]),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], exclude: ["Vectors"]),
        .testTarget(name: "WebSocketWireTests", dependencies: ["WebSocketWire"]),
        .testTarget(name: "EventLoopsTests", dependencies: ["EventLoops"]),
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "JSONWire"]),
    ],
    swiftLanguageModes: [.v6]
)
