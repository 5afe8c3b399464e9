// SPDX-License-Identifier: ISC
// Who comes and goes over the web, on record: by names that are configured, and not without end.
#include "role/audited.h"

#include "base/check.h"
#include "role/channel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 130, AT_ONCE = 100, TEXT_MAX = 256 * 1024 };

struct house {
    struct net net;
    struct daemon *d;
    int channel[2];
    char text[TEXT_MAX];
    size_t size;
};

// What the desk sends to the role that writes, one packet behind the other.
static const char *sent(struct house *h)
{
    h->size = 0;
    for (int i = 0; i < TRIES; i++) {
        ssize_t got;
        audit_desk_turn(h->d->desk, h->channel[0], h->d->now.mono);
        while ((got = recv(h->channel[1], h->text + h->size, TEXT_MAX - 1 - h->size,
                           MSG_DONTWAIT)) > 0)
            h->size += (size_t)got;
    }
    for (size_t i = 0; i < h->size; i++)
        h->text[i] = h->text[i] ? h->text[i] : ' ';
    h->text[h->size] = '\0';
    return h->text;
}

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (; (text = strstr(text, words)); text += strlen(words))
        count++;
    return count;
}

static struct house *house_open(void)
{
    struct house *h = calloc(1, sizeof *h);
    h->d = calloc(1, sizeof *h->d);
    assert_int_equal(channel_pair(h->channel), 0);
    h->d->net = &h->net;
    h->d->desk = audit_desk_new();
    h->d->now = (struct teller_now){{NS_PER_S}, {NS_PER_S}};
    return h;
}

static void house_close(struct house *h)
{
    audit_desk_free(h->d->desk);
    close(h->channel[0]);
    close(h->channel[1]);
    free(h->d);
    free(h);
}

static void records_some_of_very_many(void **state)
{
    (void)state;
    struct house *h = house_open();
    h->net.access.user_count = 1;
    strcpy(h->net.access.users[0].name, "anna");
    const struct web_entry known = {WEB_ENTRY_REFUSED, "anna", "192.0.2.1"},
                           strange = {WEB_ENTRY_LOGIN, "mallory", "2001:db8::1"};
    for (int i = 0; i < TRIES; i++)
        audited_entry(h->d, i % 2 ? &known : &strange);
    const char *text = sent(h);
    assert_int_equal(count_of(text, "\"record\":\"login_refused\""), AT_ONCE / 2);
    assert_int_equal(count_of(text, "\"name\":\"anna\",\"from\":\"192.0.2.1\""), AT_ONCE / 2);
    assert_int_equal(count_of(text, "\"name\":\"unknown\",\"from\":\"2001:db8::1\""), AT_ONCE / 2);
    assert_null(strstr(text, "mallory"));
    h->d->now.mono = mono_add_ms(h->d->now.mono, 10001);
    audited_entry(h->d, &known);
    audited_entry(h->d, &known);
    text = sent(h);
    assert_int_equal(count_of(text, "\"missed\":30"), 1);
    assert_int_equal(h->d->entries_missed, 1);
    house_close(h);
}

// In every mode, by its own name: what may act is on record from its start.
static void records_the_start(void **state)
{
    (void)state;
    for (enum net_mode mode = 0; mode < NET_MODES; mode++) {
        struct house *h = house_open();
        const struct run_options options = {.config = {.text = "site: a\n", .size = 8}};
        char words[64];
        h->d->options = &options;
        h->net.mode = mode;
        audited_start(h->d);
        const char *text = sent(h);
        assert_int_equal(count_of(text, "\"record\":\"start\""), 1);
        snprintf(words, sizeof words, "\"mode\":\"%s\"", net_mode_names[mode]);
        assert_int_equal(count_of(text, words), 1);
        house_close(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_some_of_very_many),
                                       cmocka_unit_test(records_the_start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
