using Kontor.Foundation;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Kontor.Home;

/// <summary>Reads and shows the form of an experiment.</summary>
internal sealed class ExperimentDesk(IOptions<HomeOptions> options, FeedModels models, Texts texts)
{
    /// <summary>Of the JSON; what the names of its rows begin with.</summary>
    public const string ConditionField = "condition";

    public ExperimentForm Blank() => ExperimentForm.Blank(RuleForms.Of(null, models.Current.Vocabulary, texts));

    public ExperimentForm Of(StoredExperiment stored) =>
        ExperimentForm.Of(stored, RuleForms.Of(stored.Design.Condition, models.Current.Vocabulary, texts));

    public ExperimentForm Read(IFormCollection form) =>
        ExperimentForm.Of(form, RuleForms.Read(form, models.Current.Vocabulary, texts, ConditionField));

    /// <summary>Only another look at what was typed is wanted.</summary>
    public static bool IsLook(IFormCollection form) => RuleForms.IsLook(form, ConditionField);

    /// <param name="stored">Null for a new one.</param>
    public RazorComponentResult Render(StoredExperiment? stored, ExperimentForm form, Problem? problem) => Pages.Render<ExperimentFormPage>(
        new
        {
            Experiment = stored is null ? null : ExperimentView.Of(stored),
            Form = form,
            Goals = options.Value.Goals.Select(goal => goal.Event).ToList(),
            Problem = problem,
        },
        problem?.Status ?? 200);
}
