using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Mail.Delivery;
using Kontor.Mail.Mailbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Mail;

/// <summary>The letters that other modules post: to a mail server, or kept and shown where there is none.</summary>
public sealed class MailModule : IModule
{
    public string Name => "mail";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MailOptions>().Bind(configuration.GetSection("Mail")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsRules>();
        services.AddSingleton<Letterbox>();
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<Letterbox>());
        services.AddPersonalData<MailPersonalData>();
        services.AddSingleton<Smtp>();
        services.AddHostedService<Postman>();
        services.AddHostedService<LetterTidying>();
        services.AddSingleton(new NavigationLink("/admin/mail", "Mail", 80, Admin: true));
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/admin/mail").WithTags("Mail").RequireAuthorization(Policies.Admin);
        ListLetters.Map(admin);
        ShowLetter.Map(admin);
        RetryLetter.Map(admin);
        MailPages.Map(routes);
    }
}
