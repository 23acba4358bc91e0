"""The words for each way in which a test can end."""

from autograder.model.outcomes import Result

# What is said of an outcome in a few words, and in a sentence where the test's author said nothing.
VERDICTS = {
    Result.PASSED: ("Passed", ""),
    Result.FAILED: ("Failed", "The result is not what the exercise asks for."),
    Result.RAISED: ("Stopped with an exception", "Your code raised an exception."),
    Result.UNANSWERED: ("Not answered", "This exercise has no answer yet."),
    Result.INTERFACE: ("Wrong kind of value", "Your code gave an object where a number, tensor or list belongs."),
    Result.TIMEOUT: ("Out of time", "Your code did not finish in the time allowed."),
    Result.CRASHED: ("Ended Python", "Your code ended the Python process."),
    Result.MEMORY: ("Out of memory", "Your code needed more memory than allowed."),
    Result.BROKEN: ("Test is broken", "The test itself failed; this is not your fault. Please tell your instructor."),
    Result.NOT_RUN: ("Did not run", "This test did not run."),
}
