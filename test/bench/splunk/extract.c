/*
 * The search-time extractions of one Splunk source type over a file of events, with PCRE2 as Splunk has it: what do they cost?
 * Usage: extract PLAN EVENTS interpreted|jit ROUNDS; prints the CPU time of one event in microseconds, how many events some regex matched, and how
 * many tries ended at a limit.
 *
 * A line of PLAN is one extraction: SLOT TAB MANY TAB group=SLOT,... TAB REGEX. It reads a slot (0 is _raw) and fills others with its groups.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#define _GNU_SOURCE
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS = 8192, SLOTS = 16384, MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000 };

typedef struct {
    int slot, many, count;
    int *group, *target;
    pcre2_code *code;
} Step;

typedef struct {
    const char *start;
    size_t length;
} Text;

static Step steps[STEPS];
static Text slots[SLOTS];
/* the steps that read a slot: first and last + 1 in readers */
static int firstReader[SLOTS + 1], readers[STEPS];
/* the slots that an event has filled, in that order */
static int used[SLOTS];

static void fail(const char *what, const char *where) {
    fprintf(stderr, "extract: %s: %.200s\n", what, where);
    exit(1);
}

static char *readAll(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot open", path);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    if (fread(bytes, 1, *length, file) != *length) fail("cannot read", path);
    bytes[*length] = 0;
    fclose(file);
    return bytes;
}

static void readStep(Step *step, char *line, int jit) {
    char *slot = strsep(&line, "\t"), *many = strsep(&line, "\t"), *groups = strsep(&line, "\t");
    if (!line) fail("not a step", slot);
    step->slot = atoi(slot);
    step->many = atoi(many);
    int error;
    PCRE2_SIZE at;
    step->code = pcre2_compile((PCRE2_SPTR)line, PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
    if (!step->code) {
        PCRE2_UCHAR why[200];
        pcre2_get_error_message(error, why, sizeof why);
        fprintf(stderr, "extract: at %zu: %s\n", at, why);
        fail("does not compile", line);
    }
    if (jit && pcre2_jit_compile(step->code, PCRE2_JIT_COMPLETE)) fail("no JIT for", line);
    step->group = malloc(sizeof(int) * 64);
    step->target = malloc(sizeof(int) * 64);
    for (char *pair; (pair = strsep(&groups, ","));) {
        char *target = strchr(pair, '=');
        if (!target || step->count == 64) continue;
        *target++ = 0;
        step->group[step->count] = *pair >= '0' && *pair <= '9'
            ? atoi(pair)
            : pcre2_substring_number_from_name(step->code, (PCRE2_SPTR)pair);
        step->target[step->count++] = atoi(target);
    }
}

int main(int count, char **words) {
    if (count != 5) fail("usage", "extract PLAN EVENTS interpreted|jit ROUNDS");
    const int jit = !strcmp(words[3], "jit"), rounds = atoi(words[4]);
    size_t length;
    char *plan = readAll(words[1], &length);
    int stepCount = 0;
    for (char *line; (line = strsep(&plan, "\n"));)
        if (*line) readStep(&steps[stepCount++], line, jit);
    for (int slot = 0, reader = 0; slot < SLOTS; firstReader[++slot] = reader)
        for (int i = 0; i < stepCount; i++)
            if (steps[i].slot == slot) readers[reader++] = i;
    const char *events = readAll(words[2], &length), *end = events + length;

    pcre2_match_data *data = pcre2_match_data_create(256, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    if (jit) pcre2_jit_stack_assign(context, NULL, pcre2_jit_stack_create(32768, 1048576, NULL));
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);

    long seen = 0, matched = 0, limited = 0;
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (int round = 0; round < rounds; round++) {
        for (const char *at = events; at < end;) {
            const char *stop = memchr(at, '\n', (size_t)(end - at));
            if (!stop) stop = end;
            int usedCount = 1, any = 0;
            slots[0] = (Text){at, (size_t)(stop - at)};
            used[0] = 0;
            /* a step whose field is missing costs nothing: it is not a regex that runs */
            for (int filled = 0; filled < usedCount; filled++) {
                const Text text = slots[used[filled]];
                for (int reader = firstReader[used[filled]]; reader < firstReader[used[filled] + 1]; reader++) {
                    const Step *step = &steps[readers[reader]];
                    PCRE2_SIZE from = 0;
                    do {
                        const int found = pcre2_match(step->code, (PCRE2_SPTR)text.start, text.length, from, 0, data, context);
                        if (found < 0) {
                            if (found != PCRE2_ERROR_NOMATCH) limited++;
                            break;
                        }
                        any = 1;
                        for (int g = 0; g < step->count; g++) {
                            const int group = step->group[g], slot = step->target[g];
                            if (group >= found || ends[2 * group] == PCRE2_UNSET) continue;
                            if (!slots[slot].start) used[usedCount++] = slot;
                            slots[slot] = (Text){text.start + ends[2 * group], ends[2 * group + 1] - ends[2 * group]};
                        }
                        from = ends[1] > from ? ends[1] : from + 1;
                    } while (step->many && from < text.length);
                }
            }
            while (usedCount) slots[used[--usedCount]].start = NULL;
            seen++;
            matched += any;
            at = stop + 1;
        }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    const double micros = (double)(after.tv_sec - before.tv_sec) * 1e6 + (double)(after.tv_nsec - before.tv_nsec) / 1e3;
    printf("{\"micros\":%.4f,\"events\":%ld,\"matched\":%ld,\"limited\":%ld,\"steps\":%d}\n", micros / (double)seen, seen / rounds,
           matched / rounds, limited / rounds, stepCount);
    return 0;
}
