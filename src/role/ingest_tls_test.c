// SPDX-License-Identifier: ISC
// Syslog over TLS with real clients: who is let in, who is not, and who only takes up room.
#include "role/ingest_check.h"

#include <poll.h>
#include <stdarg.h>

#define LINE                                                                                       \
    "<165>Feb  7 22:22:26 fra-rr-4 Bfd: %BFD-5-STATE_CHANGE: peer (vrf:default, ip:18.11.5.1, "    \
    "intf:Ethernet50/1, srcIp:0.0.0.0, type:normal) changed state from Up to Down diag None"

struct keys {
    char place[32];
    struct net net;
};

static void shell(const struct keys *keys, const char *form, ...)
    __attribute__((format(printf, 2, 3)));

static void shell(const struct keys *keys, const char *form, ...)
{
    char command[1024];
    int used = snprintf(command, sizeof command, "cd %s && { ", keys->place);
    va_list arguments;
    va_start(arguments, form);
    used += vsnprintf(command + used, sizeof command - (size_t)used, form, arguments);
    va_end(arguments);
    snprintf(command + used, sizeof command - (size_t)used, " ; } >>log 2>&1");
    if (system(command) != 0)
        fail_msg("%s", command);
}

#define KEY(name)                                                                                  \
    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " name ".key -out " name

static struct keys a_site(void)
{
    struct keys keys = {.place = "/tmp/fairlead-tls-XXXXXX", .net = site()};
    assert_non_null(mkdtemp(keys.place));
    shell(&keys,
          "openssl req -x509 -days 2 -subj /CN=ca " KEY(
              "ca") ".pem && "
                    "openssl req -x509 -days 2 -subj /CN=site " KEY(
                        "site") ".pem && "
                                "openssl req -x509 -days 2 -subj /CN=other " KEY(
                                    "other") ".pem && "
                                             "openssl req -subj /CN=rr-4 " KEY(
                                                 "rr") ".csr && "
                                                       "openssl x509 -req -days 2 -in rr.csr -CA "
                                                       "ca.pem -CAkey ca.key -CAcreateserial "
                                                       "-out rr.pem");
    struct net_syslog *c = &keys.net.syslog;
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++)
        c->tls_listen[family] = keys.net.counters.http[family];
    c->tls_port = (uint16_t)(keys.net.counters.http_port + 1);
    snprintf(c->tls_certificate, sizeof c->tls_certificate, "%s/site.pem", keys.place);
    snprintf(c->tls_key, sizeof c->tls_key, "%s/site.key", keys.place);
    snprintf(c->tls_authorities, sizeof c->tls_authorities, "%s/ca.pem", keys.place);
    return keys;
}

static void gone(struct keys *keys)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", keys->place);
    assert_int_equal(system(command), 0);
}

// As a device does it, with these options; whether it is let in is what the engine hears.
static void send_over_tls(const struct keys *keys, enum family family, const char *options)
{
    shell(keys, "printf '%%s %%s' %zu '%s' | timeout 30 openssl s_client -connect %s:%u %s; true",
          strlen(LINE), LINE, family == FAMILY_IPV6 ? "[::1]" : "127.0.0.1",
          keys->net.syslog.tls_port, options);
}

static struct notice hear(const struct server *server)
{
    struct event event;
    char why[MESSAGE_WHY_MAX];
    struct pollfd readable = {.fd = server->channel, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 60 * 1000), 1);
    assert_int_equal(channel_receive_event(server->channel, &server->net, &event, why), 1);
    assert_int_equal(event.kind, EVENT_NOTICE);
    return event.notice;
}

static void hears_who_has_a_certificate(void **state)
{
    (void)state;
    struct keys keys = a_site();
    struct server server = start_at(&keys.net);
    for (enum family family = FAMILY_IPV4; family < FAMILIES; family++) {
        send_over_tls(&keys, family,
                      family == FAMILY_IPV4 ? "-cert rr.pem -key rr.key -tls1_2"
                                            : "-cert rr.pem -key rr.key");
        struct notice notice = hear(&server);
        assert_int_equal(notice.kind, NOTICE_DEVICE_BFD);
        assert_true(strncmp(notice.peer, "fra-rr-4 ", 9) == 0);
    }
    stop(&server);
    gone(&keys);
}

// As the engine's process does it: that of another site, with another's authority.
static void renew(const struct keys *keys, const struct server *server)
{
    char pem[64], key[64], why[ROLE_ERROR_MAX];
    struct certificate certificate;
    size_t size;
    snprintf(pem, sizeof pem, "%s/other.pem", keys->place);
    snprintf(key, sizeof key, "%s/other.key", keys->place);
    assert_true(certificate_read(&(struct certificate_files){pem, key, pem}, &certificate, why));
    char *text = certificate_write(&certificate, &size);
    assert_non_null(text);
    assert_int_equal(channel_send_text(server->channel, "t", 1), 0);  // none: nothing changes
    text[size - 1] = 'x';
    assert_int_equal(channel_send_text(server->channel, text, size), 0);
    text[size - 1] = '\0';
    assert_int_equal(channel_send_text(server->channel, text, size), 0);
    certificate_wipe(text, size);
    certificate_free(&certificate);
}

static void goes_on_with_a_renewed_certificate(void **state)
{
    (void)state;
    struct keys keys = a_site();
    struct server server = start_at(&keys.net);
    send_over_tls(&keys, FAMILY_IPV4,
                  "-cert rr.pem -key rr.key -CAfile site.pem -verify_return_error");
    assert_int_equal(hear(&server).kind, NOTICE_DEVICE_BFD);
    renew(&keys, &server);
    send_over_tls(&keys, FAMILY_IPV6,
                  "-cert other.pem -key other.key -CAfile other.pem -verify_return_error");
    assert_int_equal(hear(&server).kind, NOTICE_DEVICE_BFD);
    send_over_tls(&keys, FAMILY_IPV4, "-cert rr.pem -key rr.key");
    assert_int_equal(hear(&server).kind, NOTICE_SYSLOG_REFUSED);
    stop(&server);
    gone(&keys);
}

static int connected(const struct keys *keys)
{
    union endpoint endpoint =
        endpoint_of(keys->net.syslog.tls_listen[FAMILY_IPV6], keys->net.syslog.tls_port);
    int fd = socket(endpoint.any.sa_family, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &endpoint.any, endpoint_size(&endpoint)), 0);
    return fd;
}

static void refuses_everybody_else(void **state)
{
    (void)state;
    static const struct {
        const char *options, *text;
    } rows[] = {
        {"-cert other.pem -key other.key", "TLS: its certificate is by none of"},
        {"", "TLS: "},
        {"-cert rr.pem -key rr.key -tls1_1 -cipher ALL:@SECLEVEL=0", "TLS: "},
    };
    struct keys keys = a_site();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct server server = start_at(&keys.net);
        send_over_tls(&keys, i % 2 ? FAMILY_IPV4 : FAMILY_IPV6, rows[i].options);
        struct notice notice = hear(&server);
        CHECK_ROW(rows[i].options, notice.kind == NOTICE_SYSLOG_REFUSED);
        CHECK_ROW(rows[i].options, strstr(notice.text, rows[i].text) != NULL);
        stop(&server);
    }
    // And one who speaks no TLS at all.
    struct server server = start_at(&keys.net);
    int fd = connected(&keys);
    assert_int_equal(send(fd, LINE "\n", strlen(LINE) + 1, MSG_NOSIGNAL), strlen(LINE) + 1);
    struct notice notice = hear(&server);
    assert_int_equal(notice.kind, NOTICE_SYSLOG_REFUSED);
    assert_non_null(strstr(notice.text, "TLS: "));
    close(fd);
    stop(&server);
    gone(&keys);
}

// Those who say nothing take up places; who comes after them waits, and is heard when one is free.
static void bounds_connections(void **state)
{
    (void)state;
    struct keys keys = a_site();
    struct server server = start_at(&keys.net);
    int idle[INGEST_STREAMS_MAX];
    for (int i = 0; i < INGEST_STREAMS_MAX; i++)
        idle[i] = connected(&keys);
    int waits = connected(&keys);
    struct notice notice = hear(&server);
    assert_int_equal(notice.kind, NOTICE_SYSLOG_LOST);
    assert_non_null(strstr(notice.text, "more than 64 connections: further ones wait"));
    for (int i = 0; i < INGEST_STREAMS_MAX; i++)
        close(idle[i]);
    close(waits);
    send_over_tls(&keys, FAMILY_IPV6, "-cert rr.pem -key rr.key");
    do {
        notice = hear(&server);  // of those who ended in the middle of a handshake
    } while (notice.kind == NOTICE_SYSLOG_REFUSED || notice.kind == NOTICE_SYSLOG_LOST);
    assert_int_equal(notice.kind, NOTICE_DEVICE_BFD);
    stop(&server);
    gone(&keys);
}

static void says_what_is_wrong_with_its_keys(void **state)
{
    (void)state;
    struct keys keys = a_site();
    char why[ROLE_ERROR_MAX];
    snprintf(keys.net.syslog.tls_authorities, NET_TEXT_MAX, "%s/rr.key", keys.place);
    assert_null(ingest_role_open(&keys.net, why));
    assert_non_null(strstr(why, "cannot speak TLS with"));
    assert_non_null(strstr(why, "/rr.key': No certificate was found"));
    snprintf(keys.net.syslog.tls_key, NET_TEXT_MAX, "%s/rr.key", keys.place);
    assert_null(ingest_role_open(&keys.net, why));
    assert_non_null(strstr(why, "/site.pem': "));
    gone(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_who_has_a_certificate),
        cmocka_unit_test(refuses_everybody_else),
        cmocka_unit_test(goes_on_with_a_renewed_certificate),
        cmocka_unit_test(bounds_connections),
        cmocka_unit_test(says_what_is_wrong_with_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
