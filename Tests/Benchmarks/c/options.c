#define _GNU_SOURCE
#include "options.h"
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const mode_names[] = {"raw", "echo", "relay", "publish", "idle", "fill", "lookup", "watch", "list"};

static unsigned long number(const char *name, const char *text, unsigned long least, unsigned long most) {
    char *after = NULL;
    unsigned long value = strtoul(text, &after, 10);
    if (after == text || *after != '\0' || value < least || value > most) {
        stop("%s is a whole number from %lu to %lu, not %s", name, least, most, text);
    }
    return value;
}

static enum mode mode_named(const char *name) {
    for (unsigned mode = 0; mode < sizeof mode_names / sizeof *mode_names; mode++) {
        if (strcmp(name, mode_names[mode]) == 0) return (enum mode)mode;
    }
    stop("--mode is raw, echo, relay, publish, idle, fill, lookup, watch or list, not %s", name);
}

static char **read_lines(const char *path, unsigned wanted) {
    FILE *file = fopen(path, "r");
    char **lines = calloc(wanted, sizeof *lines);
    if (file == NULL || lines == NULL) stop("%s cannot be read: %s", path, strerror(errno));
    for (unsigned index = 0; index < wanted; index++) {
        size_t space = 0;
        ssize_t length = getline(&lines[index], &space, file);
        if (length < 0) stop("%s has %u lines, and %u sockets want one each", path, index, wanted);
        if (lines[index][length - 1] == '\n') lines[index][length - 1] = '\0';
    }
    fclose(file);
    return lines;
}

static void check(const struct options *options, const char *file) {
    bool needs_lines = options->mode >= mode_relay && options->mode != mode_idle;
    bool has_pairs = options->mode == mode_relay || options->mode == mode_watch;
    bool needs_models = options->mode == mode_fill || options->mode == mode_lookup || options->mode == mode_list;
    if (needs_lines && file == NULL) stop("--mode %s needs --register", mode_names[options->mode]);
    if (options->mode == mode_raw && file != NULL) stop("--mode raw has nobody to register with");
    if (has_pairs && options->sockets % 2 != 0) {
        stop("--mode %s needs an even number of sockets", mode_names[options->mode]);
    }
    if (needs_models && options->models == 0) stop("--mode %s needs --models", mode_names[options->mode]);
    if (options->mode == mode_watch && options->watch_port == 0) stop("--mode watch needs --watch-port");
    if (options->rate > 0 && options->mode != mode_watch) stop("--rate goes with --mode watch");
    if (!(options->seconds > 0 && options->seconds <= 600)) stop("--seconds is over 0 and at most 600");
}

struct options read_options(int count, char **arguments) {
    static const struct option known[] = {
        {"mode", required_argument, NULL, 'm'},     {"sockets", required_argument, NULL, 'n'},
        {"depth", required_argument, NULL, 'd'},    {"bytes", required_argument, NULL, 'b'},
        {"seconds", required_argument, NULL, 's'},  {"register", required_argument, NULL, 'r'},
        {"cpu-of", required_argument, NULL, 'c'},   {"models", required_argument, NULL, 'M'},
        {"rate", required_argument, NULL, 'R'},     {"watch-port", required_argument, NULL, 'w'},
        {NULL, 0, NULL, 0}};
    struct options options = {.mode = mode_idle, .sockets = 64, .depth = 1, .bytes = 200, .seconds = 2};
    const char *file = NULL;
    bool has_mode = false;
    for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;) {
        switch (letter) {
        case 'm': options.mode = mode_named(optarg); has_mode = true; break;
        case 'n': options.sockets = (unsigned)number("--sockets", optarg, 1, 20000); break;
        case 'd': options.depth = number("--depth", optarg, 1, 1024); break;
        case 'b': options.bytes = number("--bytes", optarg, 1, 65535); break;
        case 's': options.seconds = strtod(optarg, NULL); break;
        case 'r': file = optarg; break;
        case 'M': options.models = (unsigned)number("--models", optarg, 1, 100000); break;
        case 'R': options.rate = (unsigned)number("--rate", optarg, 1, 10000); break;
        case 'w': options.watch_port = (uint16_t)number("--watch-port", optarg, 1, 65535); break;
        case 'c': {
            pid_t server = (pid_t)number("--cpu-of", optarg, 1, 1ul << 22);
            // utime + stime of all threads, as /proc/PID/stat has it, but to the nanosecond instead of the tick.
            if (clock_getcpuclockid(server, &options.server_clock) != 0) stop("no process %d", (int)server);
            options.has_server_clock = true;
            break;
        }
        default: exit(64);
        }
    }
    if (!has_mode || count - optind != 2) stop("usage: ws_load HOST PORT --mode MODE …");
    struct in_addr address;
    // A load generator that can be pointed at others is a weapon.
    if (inet_pton(AF_INET, arguments[optind], &address) != 1 || ntohl(address.s_addr) >> 24 != 127) {
        stop("HOST is an address of 127.0.0.0/8, not %s", arguments[optind]);
    }
    options.host = ntohl(address.s_addr);
    options.port = (uint16_t)number("PORT", arguments[optind + 1], 1, 65535);
    check(&options, file);
    if (file != NULL) options.lines = read_lines(file, options.sockets);
    return options;
}
