// SPDX-License-Identifier: ISC
#include "net/tree.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

// The tree as one line: key@line=text, [lists] and {maps}; quoted texts in quotes.
static size_t draw(const struct tree_node *node, char *text, size_t size)
{
    static const char *const brackets[TREE_KINDS] = {"", "[]", "{}"};
    size_t at = 0;
    if (node->key)
        at += (size_t)snprintf(text + at, size - at, "%s@%u=", node->key, node->key_line);
    if (node->kind == TREE_TEXT) {
        const char *quote = node->quoted ? "'" : "";
        return at + (size_t)snprintf(text + at, size - at, "%s%s%s@%u", quote, node->text, quote,
                                     node->line);
    }
    at += (size_t)snprintf(text + at, size - at, "%c", brackets[node->kind][0]);
    for (const struct tree_node *child = node->first; child; child = child->next) {
        at += draw(child, text + at, size - at);
        if (child->next)
            at += (size_t)snprintf(text + at, size - at, " ");
    }
    return at + (size_t)snprintf(text + at, size - at, "%c", brackets[node->kind][1]);
}

// What the text becomes: the tree, or the first error with its line.
static const struct {
    const char *name, *yaml, *expected;
} rows[] = {
    {"nothing", "", "{}"},
    {"only a comment", "# nobody\n", "{}"},
    {"a value", "a: 1\n", "{a@1=1@1}"},
    {"values stay text", "a: no\nb: 1:30\nc: ~\n", "{a@1=no@1 b@2=1:30@2 c@3=~@3}"},
    {"quotes are told", "a: \"1\"\nb: '2'\n", "{a@1='1'@1 b@2='2'@2}"},
    {"an empty value", "a:\nb: 1\n", "{a@1=@1 b@2=1@2}"},
    {"a list, both ways", "a: [1, 2]\nb:\n  - 3\n  - 4\n", "{a@1=[1@1 2@1] b@2=[3@3 4@4]}"},
    {"an IPv6 address in a list", "a: [2001:db8::1]\n", "{a@1=[2001:db8::1@1]}"},
    {"maps in a list", "a:\n  - b: 1\n    c: 2\n  - b: 3\n", "{a@1=[{b@2=1@2 c@3=2@3} {b@4=3@4}]}"},
    {"a block", "a: |\n  x\n  y\n", "{a@1='x\ny\n'@1}"},
    {"a repeated key", "a: 1\nb: 2\na: 3\n", "3: 'a' stands here twice: keep one of them"},
    {"a tab", "a:\n\tb: 1\n", "2: a tab in the indentation: indent with spaces"},
    {"an anchor", "a: &x 1\n", "1: anchors (&name) are not used here: write the value out"},
    {"an alias", "b: 1\na: *x\n",
     "2: aliases (*name) are not used here: write the value out, or put it in quotes"},
    {"a tag", "a: !!int 1\n",
     "1: tags (!name) are not used here: put a text that begins with '!' in quotes"},
    {"a second document", "a: 1\n---\nb: 2\n",
     "2: a second document: keep one, without '---' after it"},
    {"a list as a key", "? [a]\n: 1\n",
     "1: a list or map stands where a key should: put it in quotes"},
    {"a wrong indentation", "a: 1\n  b: 2\n",
     "2: a ':' where no key can stand: put the text in quotes, or indent the line as its "
     "neighbours"},
    {"a dedent to nowhere", "a:\n    b: 1\n  c: 2\n",
     "3: this does not fit the lines above: indent it as its neighbours, and write 'key: value'"},
    {"an open list", "a: [1, 2\nb: 3\n", "2: a list is not closed: write [a, b]"},
    {"an open quote", "a: \"1\nb: 3\n",
     "3: a quote is not closed: end the text with the same quote"},
    {"a word alone after keys", "a: 1\nb\n", "3: a key without its value: write 'key: value'"},
    {"a control character", "a: 1\nb: \x01\n", "2: a control character: remove it"},
    {"bad UTF-8", "a: 1\n\nb: \xff\n", "3: this is not YAML: invalid leading UTF-8 octet"},
    {"an escaped zero", "a: \"x\\0y\"\n", "1: a zero byte in a text: remove the '\\0'"},
    {"depth 17", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "1: lists and maps are nested too deeply"},
    {"depth 16", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[1@1]]]]]]]]]]]]]]]]"},
};

static void parses(const char *yaml, size_t size, char *text, size_t text_size)
{
    struct net_errors errors;
    net_errors_init(&errors, "f");
    struct tree *tree = tree_parse(yaml, size, &errors);
    if (tree) {
        assert_int_equal(errors.fatal, 0);
        draw(tree_root(tree), text, text_size);
    } else {
        assert_true(errors.count > 0);
        snprintf(text, text_size, "%u: %s", errors.items[0].line, errors.items[0].text);
    }
    tree_free(tree);
}

static void reads_yaml_without_its_traps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char got[1024];
        parses(rows[i].yaml, strlen(rows[i].yaml), got, sizeof got);
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("row '%s': got %s", rows[i].name, got);
    }
}

static void survives_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t size = 0; size < strlen(rows[i].yaml); size++) {
            char got[1024], *exact = malloc(size + 1);  // so that a sanitizer sees any overrun
            memcpy(exact, rows[i].yaml, size);
            parses(exact, size, got, sizeof got);
            free(exact);
        }
}

static void bounds_the_number_of_entries(void **state)
{
    (void)state;
    static char yaml[TREE_NODES_MAX * 4];
    char got[128];
    size_t size = (size_t)snprintf(yaml, sizeof yaml, "[");
    for (int i = 0; i < TREE_NODES_MAX; i++)
        size += (size_t)snprintf(yaml + size, sizeof yaml - size, "1,");
    size += (size_t)snprintf(yaml + size, sizeof yaml - size, "]");
    parses(yaml, size, got, sizeof got);
    assert_string_equal(got, "1: too many entries: keep the file smaller");
    static char big[TREE_BYTES_MAX + 1];
    parses(big, sizeof big, got, sizeof got);
    assert_string_equal(got, "1: 262145 bytes, at most 262144: this is no such file");
}

static void finds_children(void **state)
{
    (void)state;
    struct net_errors errors;
    net_errors_init(&errors, "f");
    const char *yaml = "a: {b: [x, y]}\n";
    struct tree *tree = tree_parse(yaml, strlen(yaml), &errors);
    const struct tree_node *list = tree_find(tree_find(tree_root(tree), "a"), "b");
    assert_int_equal(list->count, 2);
    assert_string_equal(tree_at(list, 1)->text, "y");
    assert_null(tree_at(list, 2));
    assert_null(tree_at(NULL, 0));
    assert_null(tree_find(tree_root(tree), "b"));
    assert_null(tree_find(NULL, "b"));
    assert_null(tree_find(list, "x"));
    tree_free(tree);
}

static void guesses_the_word_that_was_meant(void **state)
{
    (void)state;
    static const char *const words[] = {"name", "address", "local_address", "md5_key", "port"};
    static const struct {
        const char *word, *nearest;
    } guesses[] = {
        {"adress", "address"},
        {"addres", "address"},
        {"prot", "port"},
        {"md5", NULL},
        {"nmae", "name"},
        {"localaddress", "local_address"},
        {"xyz", NULL},
        {"", NULL},
        {"a-word-of-more-than-forty-bytes-is-no-slip-of-any", NULL},
    };
    for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++) {
        const char *got = tree_nearest(guesses[i].word, words, sizeof words / sizeof words[0]);
        bool right = got && guesses[i].nearest ? strcmp(got, guesses[i].nearest) == 0
                                               : got == guesses[i].nearest;
        CHECK_ROW(guesses[i].word, right);
    }
}

static void keeps_errors_in_order_and_bounded(void **state)
{
    (void)state;
    static const uint32_t lines[] = {5, 1, 5, 3};
    static const uint32_t sorted[] = {1, 3, 5, 5};
    struct net_errors errors;
    char text[NET_ERROR_LINE_MAX];
    net_errors_init(&errors, "f.yaml");
    for (size_t i = 0; i < 4; i++)
        net_errors_add(&errors, (enum net_severity)(i % NET_SEVERITIES), lines[i], "e%zu \x1b[1m",
                       i);
    net_errors_sort(&errors);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(errors.items[i].line, sorted[i]);
    assert_string_equal(net_error_format(&errors, 0, text, sizeof text),
                        "f.yaml:1: warning: e1 ?[1m");
    assert_string_equal(net_error_format(&errors, 2, text, sizeof text), "f.yaml:5: e0 ?[1m");
    for (int i = 0; i < 2 * NET_ERRORS_MAX; i++)
        net_errors_add(&errors, NET_ERROR, 9, "more");
    assert_int_equal(errors.count, NET_ERRORS_MAX);
    assert_int_equal(errors.omitted, NET_ERRORS_MAX + 4);
    assert_int_equal(errors.fatal, 2 * NET_ERRORS_MAX + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_yaml_without_its_traps),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(bounds_the_number_of_entries),
        cmocka_unit_test(finds_children),
        cmocka_unit_test(guesses_the_word_that_was_meant),
        cmocka_unit_test(keeps_errors_in_order_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
