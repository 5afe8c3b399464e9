// SPDX-License-Identifier: ISC
#include "stat/cusum_book.h"

#include <string.h>

static bool asks_equal(const struct cusum_ask *a, const struct cusum_ask *b)
{
    return a->loss_normal_ppm == b->loss_normal_ppm && a->probes == b->probes &&
           memcmp(a->share, b->share, sizeof a->share) == 0;
}

static const struct cusum_book_page *page_for(struct cusum_book *book, const struct cusum_ask *ask)
{
    for (uint32_t i = 0; i < CUSUM_BOOK_RULES && i < book->solved; i++)
        if (asks_equal(&book->pages[i].ask, ask))
            return &book->pages[i];
    struct cusum_book_page *page = &book->pages[book->solved++ % CUSUM_BOOK_RULES];
    *page = (struct cusum_book_page){.ask = *ask};
    page->has_rule = cusum_rule_init(&page->rule, ask);
    return page;
}

bool cusum_book_rule(struct cusum_book *book, struct cusum_rule *rule, const struct cusum_ask *ask)
{
    const struct cusum_book_page *page = page_for(book, ask);
    if (page->has_rule)
        *rule = page->rule;
    return page->has_rule;
}
