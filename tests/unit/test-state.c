/* What is kept of a machine: its port. */
#include "sample.h"

#include <sys/wait.h>

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

static void two_users_who_start_at_once_take_two_ports(void **state)
{
	int from_us[2], to_us[2], first, second;
	pid_t other;

	(void)state;
	setenv("TIERLAB_STATE", in_scratch("state"), 1);
	assert_int_equal(pipe(from_us) | pipe(to_us), 0);
	other = fork();
	if (other == 0) { /* with a state folder of its own */
		setenv("TIERLAB_STATE", in_scratch("other"), 1);
		first = chosen_port("");
		_exit(write(to_us[1], &first, sizeof(first)) < 0 || read(from_us[0], &first, 1) < 0);
	}
	assert_int_equal(read(to_us[0], &first, sizeof(first)), sizeof(first));
	second = chosen_port("");
	assert_int_equal(write(from_us[1], "", 1), 1);
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_true(second > 0 && second != first); /* which nothing listens on */
}

static void a_port_that_the_machine_forwards_itself_is_not_its_ssh_port(void **state)
{
	int first;

	(void)state;
	setenv("TIERLAB_STATE", in_scratch("alone"), 1);
	first = chosen_port("");
	assert_int_equal(chosen_port(""), first); /* the one that it had */
	assert_true(chosen_port(keep("{host: %d, guest: 80}", first)) > first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_users_who_start_at_once_take_two_ports),
		cmocka_unit_test(a_port_that_the_machine_forwards_itself_is_not_its_ssh_port),
	};

	return RUN_TESTS(tests);
}
