// SPDX-License-Identifier: ISC
#include "net/tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

struct tree {
    uint32_t count;
    struct tree_node nodes[];  // TREE_NODES_MAX; the first is the root
};

// A node that is still being filled: children come one after the other.
struct open_node {
    struct tree_node *node, *last_child;
    char *key;  // in a map: read, its value is next
    uint32_t key_line;
};

struct builder {
    struct tree *tree;
    struct net_errors *errors;
    uint32_t depth;
    struct open_node open[TREE_DEPTH_MAX];
    bool failed;  // nothing more can be made of the text
    bool closed;  // the first document ended
};

const char *tree_kind_name(enum tree_kind kind)
{
    static const char *const names[TREE_KINDS] = {"a value", "a list", "a map"};
    return names[kind];
}

static void fail(struct builder *b, uint32_t line, const char *text)
{
    net_errors_add(b->errors, NET_ERROR, line, "%s", text);
    b->failed = true;
}

static bool key_repeated(const struct open_node *map)
{
    return tree_find(map->node, map->key) != NULL;
}

// A node in its place under the innermost open one; NULL when there is no room.
static struct tree_node *add_node(struct builder *b, enum tree_kind kind, uint32_t line)
{
    if (b->tree->count == TREE_NODES_MAX) {
        fail(b, line, "too many entries: keep the file smaller");
        return NULL;
    }
    struct tree_node *node = &b->tree->nodes[b->tree->count++];
    *node = (struct tree_node){.kind = kind, .line = line};
    if (b->depth == 0)
        return node;
    struct open_node *parent = &b->open[b->depth - 1];
    if (parent->key && key_repeated(parent))
        net_errors_add(b->errors, NET_ERROR, parent->key_line,
                       "'%s' stands here twice: keep one of them", parent->key);
    node->key = parent->key;
    node->key_line = parent->key_line;
    parent->key = NULL;
    if (parent->last_child)
        parent->last_child->next = node;
    else
        parent->node->first = node;
    parent->last_child = node;
    parent->node->count++;
    return node;
}

static bool key_is_due(const struct builder *b)
{
    if (b->depth == 0)
        return false;
    const struct open_node *innermost = &b->open[b->depth - 1];
    return innermost->node->kind == TREE_MAP && !innermost->key;
}

static char *copy_text(struct builder *b, const yaml_event_t *event, uint32_t line)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (memchr(text, '\0', length))
        net_errors_add(b->errors, NET_ERROR, line, "a zero byte in a text: remove the '\\0'");
    char *copy = strndup(text, length);
    if (!copy)
        fail(b, line, "out of memory");
    return copy;
}

static void add_text(struct builder *b, const yaml_event_t *event, uint32_t line)
{
    char *text = copy_text(b, event, line);
    if (!text)
        return;
    if (key_is_due(b)) {
        b->open[b->depth - 1].key = text;
        b->open[b->depth - 1].key_line = line;
        return;
    }
    struct tree_node *node = add_node(b, TREE_TEXT, line);
    if (!node) {
        free(text);
        return;
    }
    node->text = text;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static void open_collection(struct builder *b, enum tree_kind kind, uint32_t line)
{
    if (key_is_due(b)) {
        fail(b, line, "a list or map stands where a key should: put it in quotes");
        return;
    }
    if (b->depth == TREE_DEPTH_MAX) {
        fail(b, line, "lists and maps are nested too deeply");
        return;
    }
    struct tree_node *node = add_node(b, kind, line);
    if (node)
        b->open[b->depth++] = (struct open_node){.node = node};
}

static void refuse_anchor_and_tag(struct builder *b, uint32_t line, const void *anchor,
                                  const void *tag)
{
    if (anchor)
        net_errors_add(b->errors, NET_ERROR, line,
                       "anchors (&name) are not used here: write the value out");
    if (tag)
        net_errors_add(b->errors, NET_ERROR, line,
                       "tags (!name) are not used here: put a text that begins with '!' in quotes");
}

static void take_event(struct builder *b, const yaml_event_t *event)
{
    uint32_t line = (uint32_t)event->start_mark.line + 1;
    switch ((int)event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->closed)
            fail(b, line, "a second document: keep one, without '---' after it");
        break;
    case YAML_DOCUMENT_END_EVENT:
        b->closed = true;
        break;
    case YAML_SCALAR_EVENT:
        refuse_anchor_and_tag(b, line, event->data.scalar.anchor, event->data.scalar.tag);
        add_text(b, event, line);
        break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_anchor_and_tag(b, line, event->data.sequence_start.anchor,
                              event->data.sequence_start.tag);
        open_collection(b, TREE_LIST, line);
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_anchor_and_tag(b, line, event->data.mapping_start.anchor,
                              event->data.mapping_start.tag);
        open_collection(b, TREE_MAP, line);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        break;
    case YAML_ALIAS_EVENT:
        fail(b, line,
             "aliases (*name) are not used here: write the value out, or put it in quotes");
        break;
    default:
        break;
    }
}

// What libyaml says, in words that name the remedy.
static const struct {
    const char *problem, *remedy;
} syntax_remedies[] = {
    {"did not find expected key",
     "this does not fit the lines above: indent it as its neighbours, and write 'key: value'"},
    {"mapping values are not allowed in this context",
     "a ':' where no key can stand: put the text in quotes, or indent the line as its neighbours"},
    {"could not find expected ':'", "a key without its value: write 'key: value'"},
    {"did not find expected ',' or ']'", "a list is not closed: write [a, b]"},
    {"did not find expected ',' or '}'", "a map is not closed: write {a: 1, b: 2}"},
    {"did not find expected '-' indicator",
     "this does not fit the list above: begin it with '- ', indented as the other entries"},
    {"found unexpected end of stream", "a quote is not closed: end the text with the same quote"},
    {"control characters are not allowed", "a control character: remove it"},
};

static bool indented_by_tab(const char *text, size_t size, size_t line)
{
    const char *at = text, *end = text + size;
    for (size_t passed = 0; passed < line && at < end; at++)
        passed += *at == '\n';
    while (at < end && *at == ' ')
        at++;
    return at < end && *at == '\t';
}

static size_t lines_before(const char *text, size_t size, size_t offset)
{
    size_t lines = 0;
    for (size_t i = 0; i < offset && i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

static void report_syntax(const yaml_parser_t *parser, const char *text, size_t size,
                          struct net_errors *errors)
{
    size_t line = parser->problem_mark.line;
    if (parser->error == YAML_READER_ERROR)  // libyaml tells an offset only
        line = lines_before(text, size, parser->problem_offset);
    const char *problem = parser->problem ? parser->problem : "out of memory";
    if (indented_by_tab(text, size, line)) {
        net_errors_add(errors, NET_ERROR, (uint32_t)line + 1,
                       "a tab in the indentation: indent with spaces");
        return;
    }
    for (size_t i = 0; i < sizeof syntax_remedies / sizeof syntax_remedies[0]; i++)
        if (strcmp(problem, syntax_remedies[i].problem) == 0) {
            net_errors_add(errors, NET_ERROR, (uint32_t)line + 1, "%s", syntax_remedies[i].remedy);
            return;
        }
    net_errors_add(errors, NET_ERROR, (uint32_t)line + 1, "this is not YAML: %s", problem);
}

static void build(struct builder *b, const char *text, size_t size)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        fail(b, 1, "out of memory");
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    for (bool ended = false; !ended && !b->failed;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            report_syntax(&parser, text, size, b->errors);
            b->failed = true;
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        take_event(b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    for (uint32_t i = 0; i < b->depth; i++)
        free(b->open[i].key);  // of values that never came
}

struct tree *tree_parse(const char *text, size_t size, struct net_errors *errors)
{
    if (size > TREE_BYTES_MAX) {
        net_errors_add(errors, NET_ERROR, 1, "%zu bytes, at most %d: this is no such file", size,
                       TREE_BYTES_MAX);
        return NULL;
    }
    uint32_t fatal_before = errors->fatal;
    struct tree *tree = malloc(sizeof *tree + TREE_NODES_MAX * sizeof tree->nodes[0]);
    if (!tree) {
        net_errors_add(errors, NET_ERROR, 1, "out of memory");
        return NULL;
    }
    tree->count = 0;
    struct builder builder = {.tree = tree, .errors = errors};
    build(&builder, text, size);
    if (tree->count == 0)
        add_node(&builder, TREE_MAP, 1);
    if (errors->fatal > fatal_before) {
        tree_free(tree);
        return NULL;
    }
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    for (uint32_t i = 0; i < tree->count; i++) {
        free((char *)tree->nodes[i].key);  // ours: read-only for everybody else
        free((char *)tree->nodes[i].text);
    }
    free(tree);
}

const struct tree_node *tree_root(const struct tree *tree)
{
    return &tree->nodes[0];
}

const struct tree_node *tree_find(const struct tree_node *map, const char *key)
{
    if (!map || map->kind != TREE_MAP)
        return NULL;
    for (const struct tree_node *node = map->first; node; node = node->next)
        if (strcmp(node->key, key) == 0)
            return node;
    return NULL;
}

const struct tree_node *tree_at(const struct tree_node *node, uint32_t index)
{
    const struct tree_node *child = node ? node->first : NULL;
    for (; child && index > 0; index--)
        child = child->next;
    return child;
}
