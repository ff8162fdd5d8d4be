/* What is kept of a machine: its port. */
#include "sample.h"

#include "../../vmctl/state.h"

static int chosen_port(const char *forwards)
{
	struct state state;
	struct sample s;
	int port = 0;

	sample_make_from(&s, put_file("ports.yaml", keep("image: x\nmemory: 1GiB\nforwards: [%s]\n", forwards)));
	assert_ok(state_open(&state, "ports", &why));
	assert_ok(mkdir_p(state.dir, &why));
	assert_ok(state_choose_port(&state, s.m, &port, &why));
	state_free(&state);
	sample_free(&s);
	return port;
}

static void a_port_that_the_machine_forwards_itself_is_not_its_ssh_port(void **state)
{
	auto_text forwards = { 0 };
	int first;

	(void)state;
	setenv("TIERLAB_STATE", in_scratch("state"), 1);
	first = chosen_port("");
	assert_int_equal(chosen_port(""), first); /* the one that it had */
	text_addf(&forwards, "{host: %d, guest: 80}", first);
	assert_true(chosen_port(forwards.s) > first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_that_the_machine_forwards_itself_is_not_its_ssh_port),
	};

	return RUN_TESTS(tests);
}
